/* System V segments, semaphores and queues, POSIX queues, and bytes that go through pipes unseen. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void segments(void)
{
    int id = shmget(IPC_PRIVATE, 10000, IPC_CREAT | 0600);
    char *one = shmat(id, NULL, 0);
    char *other = shmat(id, NULL, SHM_RDONLY);
    strcpy(one, "shared");
    struct shmid_ds state;
    shmctl(id, IPC_STAT, &state);
    printf("segment %s size %d attached %d", other, (int)state.shm_segsz, (int)state.shm_nattch);
    printf(" remove %d", shmctl(id, IPC_RMID, NULL));
    printf(" detach %d", shmdt(other));
    printf(" still %s", one);
    printf(" detach %d", shmdt(one));
    printf(" gone %d\n", shmctl(id, IPC_STAT, &state) == -1 && errno == EINVAL);
}

static void semaphores(void)
{
    int id = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    struct sembuf down = {0, -1, 0};
    struct sembuf undone = {1, 3, SEM_UNDO};
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        semop(id, &undone, 1);
        semop(id, &down, 1);
        _exit(semctl(id, 1, GETVAL));
    }
    while (semctl(id, 0, GETNCNT) == 0) {
        usleep(1000);
    }
    printf("semaphore %d %d", semctl(id, 0, GETVAL), semctl(id, 1, GETVAL));
    struct sembuf up = {0, 1, 0};
    semop(id, &up, 1);
    int status;
    waitpid(child, &status, 0);
    printf(" child %d undone %d", WEXITSTATUS(status), semctl(id, 1, GETVAL));
    down.sem_flg = IPC_NOWAIT;
    printf(" empty %d", semop(id, &down, 1) == -1 && errno == EAGAIN);
    struct timespec limit = {0, 5000000};
    down.sem_flg = 0;
    printf(" timed %d", semtimedop(id, &down, 1, &limit) == -1 && errno == EAGAIN);
    printf(" remove %d\n", semctl(id, 0, IPC_RMID));
}

static void queues(void)
{
    struct {
        long type;
        char text[16];
    } message = {3, "third"};
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    msgsnd(id, &message, 6, 0);
    message.type = 1;
    strcpy(message.text, "first");
    msgsnd(id, &message, 6, 0);
    printf("queue %zd", msgrcv(id, &message, 16, -3, 0));
    printf(" %ld %s", message.type, message.text);
    printf(" too big %d", msgrcv(id, &message, 2, 0, 0) == -1 && errno == E2BIG);
    printf(" cut %zd", msgrcv(id, &message, 2, 0, MSG_NOERROR));
    printf(" none %d", msgrcv(id, &message, 2, 0, IPC_NOWAIT) == -1 && errno == ENOMSG);
    printf(" remove %d\n", msgctl(id, IPC_RMID, NULL));
}

static void posix(void)
{
    struct mq_attr size = {.mq_maxmsg = 2, .mq_msgsize = 16};
    mq_unlink("/chronovisor.test");
    mqd_t queue = mq_open("/chronovisor.test", O_CREAT | O_EXCL | O_RDWR | O_NONBLOCK, 0600, &size);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 5};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    printf("posix notify %d", mq_notify(queue, &event));
    mq_send(queue, "low", 3, 1);
    siginfo_t info;
    struct timespec limit = {1, 0};
    printf(" told %d", sigtimedwait(&set, &info, &limit) == SIGUSR1);
    printf(" by queue %d value %d", info.si_code == SI_MESGQ, info.si_value.sival_int);
    mq_send(queue, "high", 4, 9);
    printf(" full %d", mq_send(queue, "x", 1, 1) == -1 && errno == EAGAIN);
    char text[17] = "";
    unsigned priority = 0;
    printf(" first %zd", mq_receive(queue, text, 16, &priority));
    printf(" %s %u", text, priority);
    mq_getattr(queue, &size);
    printf(" left %ld", size.mq_curmsgs);
    printf(" unlink %d", mq_unlink("/chronovisor.test"));
    printf(" again %d\n", mq_open("/chronovisor.test", O_RDWR) == -1 && errno == ENOENT);
    mq_close(queue);
}

static void unseen(void)
{
    int one[2];
    int other[2];
    char text[16] = "";
    if (pipe(one) != 0 || pipe(other) != 0) {
        return;
    }
    struct iovec part = {"from memory", 11};
    printf("vmsplice %zd", vmsplice(one[1], &part, 1, 0));
    printf(" tee %zd", tee(one[0], other[1], 4, 0));
    printf(" splice %zd", splice(one[0], NULL, other[1], NULL, 11, 0));
    printf(" read %zd %s", read(other[0], text, 15), text);
    printf(" again %d\n", splice(one[0], NULL, other[1], NULL, 1, SPLICE_F_NONBLOCK) == -1 && errno == EAGAIN);
}

int main(void)
{
    segments();
    semaphores();
    queues();
    posix();
    unseen();
    return 0;
}
