/* The rows of shared memory, semaphores and message queues, in the ways they fail; ipc.c does the rest. */
#include "rows.h"
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <time.h>

static struct timespec shortly = {0, 1000000}, past = {1, 0}, wrong = {0, -1};

static void memory(void)
{
    struct shmid_ds about;
    int id = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0600);
    DONE(shmget, IPC_PRIVATE, 0L, IPC_CREAT | 0600);
    DONE(shmget, 0x7e57, 4096L, 0600);
    VALUE(shmget(id + 1000, 4096, 0600));
    char *at = shmat(id, NULL, 0);
    strcpy(at, "segment");
    DONE(shmat, id, NULL, SHM_RDONLY);
    ROW(shmat, 1 << 30, NULL, 0);
    ROW(shmat, id, 1L, 0);
    ROW(shmctl, id, IPC_STAT, &about);
    VALUE(about.shm_segsz);
    VALUE(about.shm_nattch);
    ROW(shmctl, id, IPC_STAT, NOWHERE);
    ROW(shmctl, 1 << 30, IPC_STAT, &about);
    ROW(shmctl, id, 999, &about);
    ROW(shmctl, id, IPC_RMID, NULL);
    ROW(shmdt, at);
    ROW(shmdt, at);
}

static void semaphores(void)
{
    struct sembuf up = {0, 2, 0}, down = {0, -3, 0}, now = {0, -3, IPC_NOWAIT}, outside = {9, 1, 0};
    unsigned short all[2];
    int id = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600);
    ROW(semget, IPC_PRIVATE, 0, IPC_CREAT | 0600);
    ROW(semget, IPC_PRIVATE, -1, IPC_CREAT | 0600);
    ROW(semget, 0x7e57, 1, 0600);
    ROW(semop, id, &up, 1L);
    ROW(semop, id, &now, 1L);
    ROW(semop, id, &outside, 1L);
    ROW(semop, id, &up, 0L);
    ROW(semop, id, NOWHERE, 1L);
    ROW(semop, 1 << 30, &up, 1L);
    ROW(semtimedop, id, &down, 1L, &shortly);
    ROW(semtimedop, id, &down, 1L, &wrong);
    ROW(semtimedop, id, &up, 1L, &shortly);
    ROW(semctl, id, 0, GETVAL, 0);
    ROW(semctl, id, 9, GETVAL, 0);
    ROW(semctl, id, 0, SETVAL, 40000L);
    ROW(semctl, id, 0, GETALL, all);
    VALUE(all[0]);
    ROW(semctl, id, 0, GETALL, NOWHERE);
    ROW(semctl, id, 0, 999, 0);
    ROW(semctl, id, 0, IPC_RMID, 0);
    ROW(semctl, id, 0, GETVAL, 0);
}

static void messages(void)
{
    struct {
        long type;
        char text[16];
    } message = {1, "one"}, none = {0, ""};
    struct msqid_ds about;
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    ROW(msgget, 0x7e57, 0600);
    ROW(msgsnd, id, &message, 4L, 0);
    ROW(msgsnd, id, &none, 4L, 0);
    ROW(msgsnd, id, &message, 1L << 30, 0);
    ROW(msgsnd, id, NOWHERE, 4L, 0);
    ROW(msgsnd, 1 << 30, &message, 4L, 0);
    ROW(msgrcv, id, &message, 2L, 0L, 0);
    ROW(msgrcv, id, &message, 16L, 5L, IPC_NOWAIT);
    ROW(msgrcv, id, &message, 16L, 0L, 040000);
    ROW(msgrcv, id, &message, 16L, 0L, 040000 | IPC_NOWAIT);
    ROW(msgrcv, id, &message, 16L, 1L, 040000 | IPC_NOWAIT);
    ROW(msgrcv, id, &message, 2L, 0L, MSG_NOERROR);
    ROW(msgrcv, id, &message, 16L, 0L, IPC_NOWAIT);
    ROW(msgrcv, 1 << 30, &message, 16L, 0L, 0);
    ROW(msgctl, id, IPC_STAT, &about);
    VALUE(about.msg_qnum);
    ROW(msgctl, id, IPC_STAT, NOWHERE);
    ROW(msgctl, id, 999, NULL);
    ROW(msgctl, id, IPC_RMID, NULL);
    ROW(msgctl, id, IPC_RMID, NULL);
}

static void queues(void)
{
    struct mq_attr size = {.mq_maxmsg = 2, .mq_msgsize = 16}, bad = {.mq_maxmsg = 0, .mq_msgsize = 16}, now;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 99}, none = {.sigev_notify = SIGEV_NONE};
    unsigned priority;
    char buffer[16];
    syscall(SYS_mq_unlink, "rows");
    int queue = ROW(mq_open, "rows", O_CREAT | O_EXCL | O_RDWR, 0600, &size);
    ROW(mq_open, "rows", O_CREAT | O_EXCL | O_RDWR, 0600, &size);
    ROW(mq_open, "none", O_RDWR, 0, NULL);
    ROW(mq_open, "other", O_CREAT | O_RDWR, 0600, &bad);
    ROW(mq_open, "a/b", O_CREAT | O_RDWR, 0600, &size);
    ROW(mq_timedsend, queue, "low", 3L, 1, NULL);
    ROW(mq_timedsend, queue, "high", 4L, 9, NULL);
    ROW(mq_timedsend, queue, "full", 4L, 9, &past);
    ROW(mq_timedsend, queue, "long", 17L, 9, NULL);
    ROW(mq_timedsend, queue, "high", 4L, 32768, NULL);
    ROW(mq_timedsend, 99, "high", 4L, 9, NULL);
    ROW(mq_getsetattr, queue, NULL, &now);
    VALUE(now.mq_curmsgs);
    ROW(mq_getsetattr, 99, NULL, &now);
    ROW(mq_timedreceive, queue, buffer, 8L, &priority, NULL);
    ROW(mq_timedreceive, queue, buffer, 16L, &priority, NULL);
    VALUE(priority);
    ROW(mq_timedreceive, queue, buffer, 16L, NULL, NULL);
    ROW(mq_timedreceive, queue, buffer, 16L, NULL, &past);
    ROW(mq_timedreceive, queue, buffer, 16L, NULL, &wrong);
    ROW(mq_timedreceive, 99, buffer, 16L, NULL, NULL);
    ROW(mq_notify, queue, &event);
    ROW(mq_notify, queue, &none);
    ROW(mq_notify, queue, &none);
    ROW(mq_notify, queue, NULL);
    ROW(mq_notify, 99, &none);
    // Who closes one of its descriptors of the queue is not told any more.
    ROW(mq_notify, queue, &none);
    close(dup(queue));
    ROW(mq_notify, queue, &none);
    ROW(mq_unlink, "rows");
    ROW(mq_unlink, "rows");
    close(queue);
}

int main(void)
{
    memory();
    semaphores();
    messages();
    queues();
    return 0;
}
