/*
 * Planted: a name that is too long for its field runs over the pointer behind it, and a function of the C library is given that
 * pointer much later, by way of printf's arguments. With an argument a function is called through a pointer that nobody has set.
 */
#include <stdio.h>
#include <string.h>

struct person {
    char name[8];
    const char *town;
    int (*greet)(const struct person *);
};

static int hello(const struct person *who)
{
    return printf("hello %s\n", who->name);
}

static struct person people[3] = {
    {"Ada", "London", hello}, {"Kurt", "Brno", hello}, {"Emmy", "Erlangen", NULL},
};

__attribute__((noipa)) static void rename_to(struct person *who, const char *name)
{
    for (size_t i = 0; i <= strlen(name); i++)
        who->name[i] = name[i];
}

__attribute__((noipa)) static void list(void)
{
    for (int i = 0; i < 3; i++)
        printf("%.6s lives in %s\n", people[i].name, people[i].town);
}

int main(int arguments, char **unused)
{
    (void)unused;
    setvbuf(stdout, NULL, _IONBF, 0);
    list();
    if (arguments > 1) {
        for (int i = 0; i < 3; i++)
            people[i].greet(&people[i]);
        return 0;
    }
    rename_to(&people[1], "Kurt Friedrich");
    list();
    return 0;
}
