/*
 * Planted: a use of freed memory. A session is freed while a list still leads to it; one of the names that are copied next gets the
 * same memory, and the session's pointer to its owner is then made of the name's letters. It crashes on every kernel.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES = 40 };

struct owner {
    int number;
};

struct session {
    struct owner *owner;
    struct session *next;
    char state[16];
};

static struct session *sessions;
static struct owner somebody = {7};

__attribute__((noinline)) static struct session *begin(void)
{
    struct session *session = calloc(1, sizeof *session);
    session->owner = &somebody;
    session->next = sessions;
    return sessions = session;
}

/* Forgets to take it out of the list. */
__attribute__((noinline)) static void end(struct session *session)
{
    strcpy(session->state, "ended");
    free(session);
}

__attribute__((noinline)) static char *copy_name(const char *name)
{
    char *copy = malloc(sizeof(struct session));
    return strcpy(copy, name);
}

__attribute__((noinline)) static int sum_of_owners(void)
{
    int sum = 0;
    for (struct session *session = sessions; session != NULL; session = session->next) {
        sum += session->owner->number;
    }
    return sum;
}

int main(int count, char **arguments)
{
    struct session *first = begin();
    begin();
    printf("owners %d\n", sum_of_owners());
    fflush(stdout);
    if (count < 2) {
        end(first);
    }
    for (int i = 0; i < NAMES; i++) {
        copy_name("Grace Hopper");
    }
    printf("owners %d\n", sum_of_owners());
    return arguments == NULL;
}
