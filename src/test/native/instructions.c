/*
 * A plugin of QEMU's user mode that counts the instructions of a program: of REP string instructions every iteration, as they are
 * translated. Prints "instructions COUNT" on standard error at the end. (QEMU's TCG plugin interface, version 1; the few names that
 * are needed are declared here, since its header comes with QEMU's source only.)
 *
 * Single steps on a processor would not do: they take microseconds, and a program with a timer does more the longer it takes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t plugin;
struct qemu_plugin_tb;

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin id, void (*translated)(plugin, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int operation, void *counter, uint64_t amount);
void qemu_plugin_register_atexit_cb(plugin id, void (*ended)(plugin, void *), void *data);

EXPORT int qemu_plugin_version = 1;

static uint64_t instructions;

static void translated(plugin id, struct qemu_plugin_tb *block)
{
    (void)id;
    qemu_plugin_register_vcpu_tb_exec_inline(block, 0, &instructions, qemu_plugin_tb_n_insns(block));
}

static void ended(plugin id, void *data)
{
    (void)id;
    (void)data;
    fprintf(stderr, "instructions %llu\n", (unsigned long long)instructions);
}

EXPORT int qemu_plugin_install(plugin id, const void *information, int count, char **arguments)
{
    (void)information;
    (void)count;
    (void)arguments;
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    qemu_plugin_register_atexit_cb(id, ended, NULL);
    return 0;
}
