/*
 * Planted: everyday mistakes, one an argument, each in a function of its own: a text too long for a buffer on the stack, a lock taken
 * twice, a lock taken again by a signal's handler, a lock whose holder has ended, a file that is not there, a division by a count of
 * none, a pipe that nobody reads.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int counted;

__attribute__((noipa)) static int copy_title(const char *text)
{
    char title[16];
    strcpy(title, text);
    return title[0];
}

__attribute__((noipa)) static int count_twice(void)
{
    pthread_mutex_lock(&lock);
    counted++;
    pthread_mutex_lock(&lock);
    return counted;
}

static void count_signal(int signal)
{
    (void)signal;
    pthread_mutex_lock(&lock);
    counted++;
    pthread_mutex_unlock(&lock);
}

__attribute__((noipa)) static int count_when_told(void)
{
    signal(SIGUSR1, count_signal);
    pthread_mutex_lock(&lock);
    raise(SIGUSR1);
    pthread_mutex_unlock(&lock);
    return counted;
}

static void *take_and_leave(void *unused)
{
    pthread_mutex_lock(&lock);
    return unused;
}

__attribute__((noipa)) static int count_after_thread(void)
{
    pthread_t thread;
    pthread_create(&thread, NULL, take_and_leave, NULL);
    pthread_join(thread, NULL);
    pthread_mutex_lock(&lock);
    return counted;
}

__attribute__((noipa)) static int first_line(void)
{
    char line[80];
    FILE *file = fopen("/etc/settings", "r");
    return fgets(line, sizeof line, file) ? line[0] : 0;
}

__attribute__((noipa)) static int mean(const int *numbers, int count)
{
    int sum = 0;
    for (int i = 0; i < count; i++)
        sum += numbers[i];
    return sum / count;
}

__attribute__((noipa)) static int tell_nobody(void)
{
    int ends[2];
    if (pipe(ends))
        return 1;
    close(ends[0]);
    return write(ends[1], "anybody?", 8) != 8;
}

int main(int arguments, char **names)
{
    const char *name = arguments > 1 ? names[1] : "";
    int numbers[] = {1, 2, 3};
    if (!strcmp(name, "title"))
        return copy_title("All the world's a stage, and all the men and women merely players");
    if (!strcmp(name, "twice"))
        return count_twice();
    if (!strcmp(name, "handler"))
        return count_when_told();
    if (!strcmp(name, "ended"))
        return count_after_thread();
    if (!strcmp(name, "file"))
        return first_line();
    if (!strcmp(name, "mean"))
        return mean(numbers, arguments - 2);
    if (!strcmp(name, "pipe"))
        return tell_nobody();
    puts("no mistake");
    return 0;
}
