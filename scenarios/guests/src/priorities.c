/*
 * Who runs on one processor when policies and priorities say so (sched(7)), and on which processor. With `privileged`: what holds
 * always. With `turns`: that equals of SCHED_RR take turns. With `shares`: how nice values divide a processor.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FUTEX_WAIT_PRIVATE = 128, FUTEX_WAKE_PRIVATE = 129 };
enum { MILLISECOND = 1000000 };

static char story[256];

/* Only threads of one processor tell, and of real-time policies: none is interrupted here by another that tells. */
static void tell(const char *word)
{
    strcat(story, " ");
    strcat(story, word);
}

static void told(const char *what)
{
    printf("%s:%s\n", what, story);
    fflush(stdout);
    story[0] = 0;
}

static void policy(int task, int kind, int priority)
{
    struct sched_param wanted = {.sched_priority = priority};
    if (syscall(SYS_sched_setscheduler, task, kind, &wanted) < 0) {
        perror("sched_setscheduler");
        _exit(1);
    }
}

static void priority(int task, int wanted)
{
    struct sched_param changed = {.sched_priority = wanted};
    if (syscall(SYS_sched_setparam, task, &changed) < 0) {
        perror("sched_setparam");
        _exit(1);
    }
}

static int processor(void)
{
    unsigned cpu = 0;
    syscall(SYS_getcpu, &cpu, NULL, NULL);
    return (int)cpu;
}

static void pin(int task, int cpu)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(task, sizeof one, &one) < 0) {
        perror("sched_setaffinity");
        _exit(1);
    }
}

/* A thread that waits at its gate, tells its name, and ends. */
struct actor {
    const char *name;
    int wanted;
    pthread_t thread;
    atomic_int task;
    unsigned *gate;
};

static void *act(void *argument)
{
    struct actor *me = argument;
    atomic_store(&me->task, (int)syscall(SYS_gettid));
    if (me->wanted != 0)
        priority(0, me->wanted);
    syscall(SYS_futex, me->gate, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    tell(me->name);
    return NULL;
}

/* Who creates is of SCHED_FIFO, and so is the actor. It waits at its gate afterwards, with the priority that it wanted for itself. */
static void enter(struct actor *actor, const char *name, int wanted, unsigned *gate)
{
    actor->name = name;
    actor->wanted = wanted;
    actor->gate = gate;
    atomic_store(&actor->task, 0);
    pthread_create(&actor->thread, NULL, act, actor);
    while (atomic_load(&actor->task) == 0)
        sched_yield();
    sched_yield();
}

/* An actor gets its priority when it is at its gate. */
static void cast(struct actor *actor, const char *name, int wanted, unsigned *gate)
{
    enter(actor, name, 0, gate);
    priority(atomic_load(&actor->task), wanted);
}

static void open_gate(unsigned *gate, int actors)
{
    syscall(SYS_futex, gate, FUTEX_WAKE_PRIVATE, actors, NULL, NULL, 0);
}

static void woken(void)
{
    struct actor low, equal, high;
    unsigned gates[3] = {0};
    cast(&low, "low", 5, &gates[0]);
    cast(&equal, "equal", 10, &gates[1]);
    cast(&high, "high", 20, &gates[2]);
    open_gate(&gates[0], 1);
    open_gate(&gates[1], 1);
    tell("first");
    open_gate(&gates[2], 1);
    tell("second");
    sched_yield();
    tell("third");
    pthread_join(low.thread, NULL);
    pthread_join(equal.thread, NULL);
    pthread_join(high.thread, NULL);
    told("woken");
}

static void lowered(void)
{
    struct actor other;
    unsigned gate = 0;
    cast(&other, "other", 8, &gate);
    open_gate(&gate, 1);
    tell("above");
    priority(0, 9);
    tell("still-above");
    priority(0, 7);
    tell("below");
    priority(0, 10);
    pthread_join(other.thread, NULL);
    told("lowered");
}

static void raised(void)
{
    struct actor other;
    unsigned gate = 0;
    cast(&other, "other", 8, &gate);
    open_gate(&gate, 1);
    tell("before");
    priority(atomic_load(&other.task), 12);
    tell("after");
    pthread_join(other.thread, NULL);
    told("raised");
}

typedef void admission(struct actor *, const char *, int, unsigned *);

/* A futex keeps its waiters by the priorities that they came with. */
static void one_gate(const char *what, admission *let)
{
    struct actor actors[4];
    unsigned gate = 0;
    let(&actors[0], "eleven", 11, &gate);
    let(&actors[1], "thirteen", 13, &gate);
    let(&actors[2], "twelve", 12, &gate);
    let(&actors[3], "thirteen-again", 13, &gate);
    for (int i = 0; i < 4; i++) {
        open_gate(&gate, 1);
        tell("|");
    }
    for (int i = 0; i < 4; i++)
        pthread_join(actors[i].thread, NULL);
    told(what);
}

/* Real-time threads leave nothing to the others. */
static void ordinary(void)
{
    struct actor other;
    unsigned gate = 0;
    cast(&other, "ordinary", 9, &gate);
    policy(atomic_load(&other.task), SCHED_OTHER, 0);
    open_gate(&gate, 1);
    sched_yield();
    tell("real-time");
    pthread_join(other.thread, NULL);
    told("ordinary");
}

static pthread_mutex_t lock, other_lock;
static unsigned low_gate, middle_gate, high_gate;

static void wait_at(unsigned *gate)
{
    syscall(SYS_futex, gate, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void *low(void *unused)
{
    priority(0, 5);
    pthread_mutex_lock(&lock);
    wait_at(&low_gate);
    tell("low-works");
    pthread_mutex_unlock(&lock);
    tell("low-ends");
    return unused;
}

static void *middle(void *unused)
{
    priority(0, 8);
    wait_at(&middle_gate);
    tell("middle");
    return unused;
}

/* Holds a lock of its own while it waits for low's. */
static void *chained(void *unused)
{
    priority(0, 6);
    pthread_mutex_lock(&other_lock);
    pthread_mutex_lock(&lock);
    tell("chained-works");
    pthread_mutex_unlock(&lock);
    pthread_mutex_unlock(&other_lock);
    tell("chained-ends");
    return unused;
}

static void *high(void *wanted)
{
    priority(0, 12);
    wait_at(&high_gate);
    pthread_mutex_lock(wanted);
    tell("high-has-it");
    pthread_mutex_unlock(wanted);
    return NULL;
}

static void others_first(void)
{
    struct timespec moment = {.tv_nsec = MILLISECOND};
    nanosleep(&moment, NULL);
}

/* Who holds a lock of PTHREAD_PRIO_INHERIT runs as if it had the priority of who waits for it, also through another lock's holder. */
static void lent(const char *what, int through)
{
    pthread_t threads[4];
    pthread_mutexattr_t inherits;
    int count = 0;
    pthread_mutexattr_init(&inherits);
    pthread_mutexattr_setprotocol(&inherits, PTHREAD_PRIO_INHERIT);
    pthread_mutex_init(&lock, &inherits);
    pthread_mutex_init(&other_lock, &inherits);
    pthread_create(&threads[count++], NULL, low, NULL);
    others_first();
    if (through) {
        pthread_create(&threads[count++], NULL, chained, NULL);
        others_first();
    }
    pthread_create(&threads[count++], NULL, middle, NULL);
    pthread_create(&threads[count++], NULL, high, through ? &other_lock : &lock);
    others_first();
    open_gate(&middle_gate, 1);
    open_gate(&low_gate, 1);
    tell("opened");
    open_gate(&high_gate, 1);
    tell("first");
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    told(what);
}

static atomic_int stop;
static atomic_int place;

static void *wander(void *argument)
{
    atomic_int *task = argument;
    atomic_store(task, (int)syscall(SYS_gettid));
    while (!atomic_load(&stop))
        atomic_store(&place, processor());
    return NULL;
}

/* Every processor that it may use, one after the other; a thread that computes elsewhere is moved by others. */
static void moved(void)
{
    cpu_set_t mine;
    int right = 0, wrong = 0, first = -1, last = -1;
    sched_getaffinity(0, sizeof mine, &mine);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &mine))
            continue;
        pin(0, cpu);
        if (processor() == cpu)
            right++;
        else
            wrong++;
        first = first < 0 ? cpu : first;
        last = cpu;
    }
    printf("moved: %s, %d wrong\n", right == CPU_COUNT(&mine) ? "everywhere" : "not everywhere", wrong);
    atomic_int task = 0;
    pthread_t thread;
    pthread_create(&thread, NULL, wander, &task);
    while (atomic_load(&task) == 0)
        sched_yield();
    pin(0, first);
    pin(atomic_load(&task), first);
    while (atomic_load(&place) != first)
        sched_yield();
    pin(atomic_load(&task), last);
    while (atomic_load(&place) != last)
        sched_yield();
    atomic_store(&stop, 1);
    pthread_join(thread, NULL);
    printf("moved by another\n");
    fflush(stdout);
}

static atomic_int flag;

static void *wait_for_flag(void *unused)
{
    while (!atomic_load(&flag)) {
    }
    return unused;
}

static void *set_flag(void *unused)
{
    atomic_store(&flag, 1);
    return unused;
}

static void turns(void)
{
    pthread_t waiting, setting;
    policy(0, SCHED_RR, 10);
    pthread_create(&waiting, NULL, wait_for_flag, NULL);
    pthread_create(&setting, NULL, set_flag, NULL);
    pthread_join(waiting, NULL);
    pthread_join(setting, NULL);
    printf("turns: both came\n");
}

static atomic_long used[2];

static long cpu_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1000L * MILLISECOND + now.tv_nsec;
}

struct share {
    int number, nice, policy;
};

static void *compete(void *argument)
{
    struct share *me = argument;
    if (me->policy == SCHED_FIFO) {
        policy(0, SCHED_FIFO, 10);
        while (cpu_time() < 60 * MILLISECOND) {
        }
        policy(0, SCHED_OTHER, 0);
    } else if (me->policy != SCHED_OTHER) {
        policy(0, me->policy, 0);
    }
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), me->nice);
    long start = cpu_time();
    while (atomic_load(&used[0]) + atomic_load(&used[1]) < 60 * MILLISECOND)
        atomic_store(&used[me->number], cpu_time() - start);
    return NULL;
}

static void share(const char *what, int nice, int kind)
{
    struct share shares[2] = {{0, 0, SCHED_OTHER}, {1, nice, kind}};
    pthread_t threads[2];
    atomic_store(&used[0], 0);
    atomic_store(&used[1], 0);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, compete, &shares[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    long ratio = atomic_load(&used[0]) / (atomic_load(&used[1]) / 10 + 1);
    printf("%s: %s\n", what, ratio < 7 ? "less" : ratio < 15 ? "the same" : ratio < 60 ? "some times as much" : "many times as much");
    fflush(stdout);
}

int main(int count, char **arguments)
{
    const char *what = count > 1 ? arguments[1] : "";
    if (strcmp(what, "privileged") == 0)
        moved();
    pin(0, 0);
    if (strcmp(what, "turns") == 0) {
        turns();
    } else if (strcmp(what, "shares") == 0) {
        share("nice 0 and 5", 5, SCHED_OTHER);
        share("nice 0 and 15", 15, SCHED_OTHER);
        share("SCHED_OTHER and SCHED_IDLE", 0, SCHED_IDLE);
        share("SCHED_OTHER and what was SCHED_FIFO", 0, SCHED_FIFO);
    } else if (strcmp(what, "privileged") == 0) {
        policy(0, SCHED_FIFO, 10);
        woken();
        lowered();
        raised();
        one_gate("came with their priorities", enter);
        one_gate("got them there", cast);
        ordinary();
        lent("lent", 0);
        lent("lent through another", 1);
    }
    return 0;
}
