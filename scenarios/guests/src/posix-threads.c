/* What POSIX threads can do, each thing once, with an outcome that does not depend on who runs when. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <mqueue.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS 6

static const char *name(int error)
{
    switch (error) {
    case 0:
        return "0";
    case EBUSY:
        return "EBUSY";
    case EDEADLK:
        return "EDEADLK";
    case EPERM:
        return "EPERM";
    case ETIMEDOUT:
        return "ETIMEDOUT";
    case EOWNERDEAD:
        return "EOWNERDEAD";
    case ENOTRECOVERABLE:
        return "ENOTRECOVERABLE";
    case EINVAL:
        return "EINVAL";
    case ESRCH:
        return "ESRCH";
    case EAGAIN:
        return "EAGAIN";
    default:
        return "another error";
    }
}

static struct timespec soon(clockid_t clock, long ns)
{
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += ns;
    if (time.tv_nsec >= 1000000000) {
        time.tv_sec++;
        time.tv_nsec -= 1000000000;
    }
    return time;
}

static void nap(long ns)
{
    nanosleep(&(struct timespec){0, ns}, NULL);
}

/* Mutexes of every kind. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long counted;

static void *count(void *times)
{
    for (long i = 0; i < (long)times; i++) {
        pthread_mutex_lock(&mutex);
        counted++;
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void mutexes(void)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, count, (void *)2000L);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    printf("counted %ld", counted);
    pthread_mutexattr_t kind;
    pthread_mutex_t checked, recursive;
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&checked, &kind);
    pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&recursive, &kind);
    printf(" unlocked %s", name(pthread_mutex_unlock(&checked)));
    pthread_mutex_lock(&checked);
    printf(" twice %s", name(pthread_mutex_lock(&checked)));
    pthread_mutex_lock(&recursive);
    printf(" again %s", name(pthread_mutex_lock(&recursive)));
    pthread_mutex_lock(&mutex);
    printf(" try %s", name(pthread_mutex_trylock(&mutex)));
    struct timespec end = soon(CLOCK_REALTIME, 2000000);
    printf(" timed %s\n", name(pthread_mutex_timedlock(&mutex, &end)));
    pthread_mutex_unlock(&mutex);
}

/* A robust mutex whose owner ends, in a thread and in a process. */
static pthread_mutex_t *robust;

static void *die_holding(void *unused)
{
    (void)unused;
    pthread_mutex_lock(robust);
    return NULL;
}

static void robustness(void)
{
    pthread_t thread;
    pthread_mutexattr_t kind;
    robust = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&kind);
    pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(robust, &kind);
    pthread_create(&thread, NULL, die_holding, NULL);
    pthread_join(thread, NULL);
    printf("owner %s", name(pthread_mutex_lock(robust)));
    printf(" consistent %s", name(pthread_mutex_consistent(robust)));
    pthread_mutex_unlock(robust);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        pthread_mutex_lock(robust);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    printf(" process %s", name(pthread_mutex_lock(robust)));
    pthread_mutex_unlock(robust);
    printf(" then %s\n", name(pthread_mutex_lock(robust)));
}

/* A mutex that lends its owner priority. */
static void inheritance(void)
{
    pthread_mutexattr_t kind;
    pthread_mutex_t lent;
    pthread_mutexattr_init(&kind);
    printf("protocol %s", name(pthread_mutexattr_setprotocol(&kind, PTHREAD_PRIO_INHERIT)));
    printf(" init %s", name(pthread_mutex_init(&lent, &kind)));
    printf(" lock %s", name(pthread_mutex_lock(&lent)));
    printf(" try %s", name(pthread_mutex_trylock(&lent)));
    printf(" unlock %s\n", name(pthread_mutex_unlock(&lent)));
}

/* Conditions: one, all, none in time. */
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int turn, woken;

static void *wait_turn(void *number)
{
    pthread_mutex_lock(&mutex);
    while (turn != (int)(long)number)
        pthread_cond_wait(&condition, &mutex);
    printf(" %d", turn);
    turn++;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void *wait_once(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&mutex);
    while (turn < 100)
        pthread_cond_wait(&condition, &mutex);
    woken++;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

static void conditions(void)
{
    pthread_t threads[THREADS];
    printf("turns");
    for (long i = THREADS - 1; i >= 0; i--)
        pthread_create(&threads[i], NULL, wait_turn, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, wait_once, NULL);
    pthread_mutex_lock(&mutex);
    turn = 100;
    pthread_cond_broadcast(&condition);
    pthread_mutex_unlock(&mutex);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_condattr_t clock;
    pthread_cond_t monotonic;
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&monotonic, &clock);
    struct timespec end = soon(CLOCK_MONOTONIC, 2000000), past = {1, 0};
    pthread_mutex_lock(&mutex);
    printf(" woken %d monotonic %s", woken, name(pthread_cond_timedwait(&monotonic, &mutex, &end)));
    printf(" past %s\n", name(pthread_cond_timedwait(&condition, &mutex, &past)));
    pthread_mutex_unlock(&mutex);
}

/* Locks for readers and writers. */
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static int pages[2];
static atomic_int torn;

static void *reader(void *unused)
{
    (void)unused;
    for (int i = 0; i < 500; i++) {
        pthread_rwlock_rdlock(&lock);
        torn += pages[0] != pages[1];
        pthread_rwlock_unlock(&lock);
    }
    return NULL;
}

static void *writer(void *unused)
{
    (void)unused;
    for (int i = 0; i < 500; i++) {
        pthread_rwlock_wrlock(&lock);
        pages[0]++;
        if (i % 50 == 0)
            sched_yield();
        pages[1]++;
        pthread_rwlock_unlock(&lock);
    }
    return NULL;
}

static void locks(void)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, i < 2 ? reader : writer, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    printf("pages %d %d torn %d", pages[0], pages[1], torn);
    pthread_rwlock_rdlock(&lock);
    struct timespec end = soon(CLOCK_REALTIME, 1000000);
    printf(" second %s write %s", name(pthread_rwlock_tryrdlock(&lock)), name(pthread_rwlock_trywrlock(&lock)));
    printf(" timed %s\n", name(pthread_rwlock_timedwrlock(&lock, &end)));
    pthread_rwlock_unlock(&lock);
    pthread_rwlock_unlock(&lock);
}

/* Barriers, semaphores, once. */
static pthread_barrier_t barrier;
static sem_t semaphore;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static atomic_int serial, initialized;

static void initialize(void)
{
    initialized++;
}

static void *meet(void *unused)
{
    (void)unused;
    for (int i = 0; i < 20; i++)
        serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
    pthread_once(&once, initialize);
    sem_post(&semaphore);
    return NULL;
}

static void meetings(void)
{
    pthread_t threads[THREADS];
    pthread_barrier_init(&barrier, NULL, THREADS);
    sem_init(&semaphore, 0, 0);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, meet, NULL);
    for (int i = 0; i < THREADS; i++)
        sem_wait(&semaphore);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    struct timespec end = soon(CLOCK_REALTIME, 1000000);
    int timed = sem_timedwait(&semaphore, &end) == -1 ? errno : 0;
    printf("serial %d once %d timed %s\n", serial, initialized, name(timed));
}

/* Cancellation, at points, at once, and not at all; cleanup and thread-specific data. */
static pthread_key_t key;
static atomic_int cleaned, destroyed;

static void clean(void *amount)
{
    cleaned += (int)(long)amount;
}

static void destroy(void *value)
{
    destroyed += (int)(long)value;
}

static void *sleep_long(void *unused)
{
    (void)unused;
    pthread_setspecific(key, (void *)3L);
    pthread_cleanup_push(clean, (void *)1L);
    pthread_cleanup_push(clean, (void *)10L);
    sem_post(&semaphore);
    sleep(1000);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *compute(void *unused)
{
    (void)unused;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    sem_post(&semaphore);
    for (;;)
        atomic_fetch_add(&torn, 1);
    return NULL;
}

static void unlock(void *held)
{
    pthread_mutex_unlock(held);
}

static void *wait_condition(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, &mutex);
    sem_post(&semaphore);
    for (;;)
        pthread_cond_wait(&condition, &mutex);
    pthread_cleanup_pop(1);
    return NULL;
}

static void *refuse(void *unused)
{
    (void)unused;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    sem_post(&semaphore);
    nap(5000000);
    return (void *)5;
}

static void cancellations(void)
{
    void *(*const bodies[])(void *) = {sleep_long, compute, wait_condition, refuse};
    pthread_key_create(&key, destroy);
    printf("cancelled");
    for (int i = 0; i < 4; i++) {
        pthread_t thread;
        void *result;
        pthread_create(&thread, NULL, bodies[i], NULL);
        sem_wait(&semaphore);
        pthread_cancel(thread);
        pthread_join(thread, &result);
        printf(" %ld", result == PTHREAD_CANCELED ? -1L : (long)result);
    }
    printf(" cleaned %d destroyed %d lock %s\n", cleaned, destroyed, name(pthread_mutex_trylock(&mutex)));
    pthread_mutex_unlock(&mutex);
}

/* Signals to threads. */
static atomic_int handled;
static __thread int mine;

static void handle(int signal)
{
    (void)signal;
    mine++;
    handled++;
}

static void *take_signals(void *unused)
{
    sigset_t set;
    int signal;
    (void)unused;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sem_post(&semaphore);
    sigwait(&set, &signal);
    return (void *)(long)(signal == SIGUSR2 ? 1 : 0);
}

static void *be_hit(void *unused)
{
    (void)unused;
    sem_post(&semaphore);
    while (mine == 0)
        nap(100000);
    return (void *)(long)mine;
}

static void signals(void)
{
    pthread_t thread;
    void *result;
    sigset_t set;
    signal(SIGUSR1, handle);
    pthread_create(&thread, NULL, be_hit, NULL);
    sem_wait(&semaphore);
    pthread_kill(thread, SIGUSR1);
    pthread_join(thread, &result);
    printf("hit %ld mine %d", (long)result, mine);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&thread, NULL, take_signals, NULL);
    sem_wait(&semaphore);
    kill(getpid(), SIGUSR2);
    pthread_join(thread, &result);
    printf(" waited %ld", (long)result);
    siginfo_t info;
    sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 42});
    int taken = sigwaitinfo(&set, &info);
    printf(" queued %d %d\n", taken == SIGUSR2, info.si_value.sival_int);
}

/* Timers and queues that tell a thread. */
static atomic_int rung;

static void ring(union sigval value)
{
    rung += value.sival_int;
    sem_post(&semaphore);
}

static void notices(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = ring, .sigev_value.sival_int = 7};
    struct itimerspec time = {{0, 1000000}, {0, 1000000}};
    timer_t timer;
    printf("timer %s", name(timer_create(CLOCK_MONOTONIC, &event, &timer) == -1 ? errno : 0));
    timer_settime(timer, 0, &time, NULL);
    for (int i = 0; i < 3; i++)
        sem_wait(&semaphore);
    timer_delete(timer);
    printf(" rung %d", rung >= 21);
    while (sem_trywait(&semaphore) == 0)
        continue;
    struct mq_attr size = {.mq_maxmsg = 2, .mq_msgsize = 8};
    mq_unlink("/posix-threads");
    mqd_t queue = mq_open("/posix-threads", O_CREAT | O_RDWR, 0600, &size);
    rung = 0;
    printf(" notify %s", name(mq_notify(queue, &event) == -1 ? errno : 0));
    mq_send(queue, "x", 1, 0);
    sem_wait(&semaphore);
    printf(" told %d\n", rung);
    mq_close(queue);
    mq_unlink("/posix-threads");
}

/* Attributes: stacks, detachment, names of threads, clocks. */
static void *use_stack(void *unused)
{
    volatile char big[200000];
    (void)unused;
    memset((char *)big, 1, sizeof big);
    return (void *)(long)big[sizeof big - 1];
}

static void *detached(void *unused)
{
    (void)unused;
    pthread_detach(pthread_self());
    sem_post(&semaphore);
    return NULL;
}

static void attributes(void)
{
    pthread_attr_t attributes;
    pthread_t thread;
    void *result;
    clockid_t clock;
    struct timespec used;
    size_t bytes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 256 * 1024);
    pthread_create(&thread, &attributes, use_stack, NULL);
    pthread_join(thread, &result);
    pthread_attr_getstacksize(&attributes, &bytes);
    printf("stack %ld %zu", (long)result, bytes);
    pthread_create(&thread, NULL, detached, NULL);
    sem_wait(&semaphore);
    pthread_getcpuclockid(pthread_self(), &clock);
    printf(" clock %d", clock_gettime(clock, &used));
    pthread_setname_np(pthread_self(), "renamed");
    char text[16] = "";
    pthread_getname_np(pthread_self(), text, sizeof text);
    printf(" %s self %d\n", text, pthread_equal(pthread_self(), pthread_self()) != 0);
}

/* Forking beside other threads; the handlers of fork. */
static int before, after;

static void prepare(void)
{
    before++;
}

static void parent(void)
{
    after++;
}

static void *forker(void *unused)
{
    int status = 0, total = 0;
    (void)unused;
    for (int i = 0; i < 3; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(i + 1);
        waitpid(child, &status, 0);
        total += WEXITSTATUS(status);
    }
    return (void *)(long)total;
}

static void forks(void)
{
    pthread_t threads[3];
    long total = 0;
    pthread_atfork(prepare, parent, NULL);
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, forker, NULL);
    for (int i = 0; i < 3; i++) {
        void *result;
        pthread_join(threads[i], &result);
        total += (long)result;
    }
    printf("children %ld before %d after %d\n", total, before, after);
}

static void *ends_process(void *unused)
{
    (void)unused;
    nap(1000000);
    exit(9);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 4096);
    mutexes();
    robustness();
    inheritance();
    conditions();
    locks();
    meetings();
    cancellations();
    signals();
    notices();
    attributes();
    forks();
    pthread_t thread;
    pthread_create(&thread, NULL, ends_process, NULL);
    pthread_exit(NULL);
}
