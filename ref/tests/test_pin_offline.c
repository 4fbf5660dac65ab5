/*
 * What a release gives back where CPUs are offline: over a kernel that is made up.
 *
 * An affinity has CPUs that nobody is shown (pin.c), and a kernel that keeps them, 6.2 or later, with CPUs to take offline is
 * not to be had by a test. So pins are linked here to a kernel of a few lines: a machine with CPUs 0 to 7, one thread,
 * whose affinity may name CPUs that are offline, and whose /proc cannot always be read.
 */
#include "../src/linux.h"
#include "unit.h"
#include <errno.h>
#include <numaproof/pin.h>
#include <numaproof/topology.h>
#include <pthread.h>
#include <stdint.h>

#define MACHINE UINT64_C(0xff)

static struct {
    uint64_t affinity, online;
    bool proc_fails;
    unsigned proc_reads;
} kernel;

static uint64_t active(void)
{
    return kernel.affinity & kernel.online;
}

static np_cpuset set_of(uint64_t cpus)
{
    return (np_cpuset){.words = {cpus}};
}

int linux_get_affinity(pid_t thread, np_cpuset *cpus)
{
    (void)thread;
    *cpus = set_of(active());
    return 0;
}

int linux_get_whole_affinity(np_cpuset *cpus)
{
    kernel.proc_reads++;
    if (kernel.proc_fails)
        return EMFILE;
    *cpus = set_of(kernel.affinity);
    return 0;
}

int linux_set_affinity(pid_t thread, const np_cpuset *cpus)
{
    (void)thread;
    if ((cpus->words[0] & kernel.online) == 0)
        return EINVAL;
    kernel.affinity = cpus->words[0] & MACHINE;
    return 0;
}

int linux_current_cpu(void)
{
    return __builtin_ctzll(active());
}

int linux_online_cpus(np_cpuset *cpus)
{
    *cpus = set_of(kernel.online);
    return 0;
}

int linux_present_cpus(np_cpuset *cpus)
{
    *cpus = set_of(MACHINE);
    return 0;
}

pid_t linux_thread_id(void)
{
    return 1;
}

int linux_effective_capabilities(struct linux_capabilities *capabilities)
{
    *capabilities = (struct linux_capabilities){.sys_admin = true, .sys_nice = true, .ipc_lock = true};
    return 0;
}

struct linux_balancing linux_numa_balancing(void)
{
    return (struct linux_balancing){0};
}

/* Nodes are not what this is about. */
np_status np_topology_cpus_of_node(const np_topology *topology, unsigned node, np_cpuset *cpus, np_error *error)
{
    (void)topology, (void)node, (void)cpus, (void)error;
    return NP_NOT_AVAILABLE;
}

bool np_topology_is_this_machine(const np_topology *topology)
{
    (void)topology;
    return true;
}

/* All CPUs allowed, the upper half offline. */
static void begin(void)
{
    kernel.online = 0x0f;
    kernel.affinity = MACHINE;
    kernel.proc_fails = false;
    kernel.proc_reads = 0;
}

/* A test in a thread of its own, which remembers no pins of others. */
#define TEST(name)                                                                                                     \
    static void name##_in_thread(void);                                                                                \
    static void name(void)                                                                                             \
    {                                                                                                                  \
        in_thread(name##_in_thread);                                                                                   \
    }                                                                                                                  \
    static void name##_in_thread(void)

static void *run(void *body)
{
    (*(void (**)(void))body)();
    return NULL;
}

static void in_thread(void (*body)(void))
{
    pthread_t thread;
    EXPECT(pthread_create(&thread, NULL, run, &body) == 0);
    pthread_join(thread, NULL);
}

static np_status try_pin(uint64_t cpus, np_mode mode, np_pin **pin)
{
    const np_cpuset set = set_of(cpus);
    return np_pin_to_cpus(&set, mode, pin, NULL);
}

static np_pin *pin_to(uint64_t cpus, np_mode mode)
{
    np_pin *pin = NULL;
    EXPECT_NUMBER(try_pin(cpus, mode, &pin), NP_OK);
    return pin;
}

static void release(np_pin *pin)
{
    EXPECT_NUMBER(np_pin_release(pin, NULL), NP_OK);
}

static void there_and_back(void)
{
    release(pin_to(0x01, NP_STRICT));
}

TEST(offline_cpus_are_given_back)
{
    begin();
    np_pin *outer = pin_to(0x03, NP_SOFT), *inner = pin_to(0x01, NP_STRICT);
    release(inner);
    EXPECT_NUMBER(kernel.affinity, 0x03);
    release(outer);
    EXPECT_NUMBER(kernel.affinity, MACHINE);
}

TEST(what_our_own_calls_left_is_not_read_again)
{
    begin();
    for (int i = 0; i < 10; i++)
        there_and_back();
    EXPECT_NUMBER(kernel.proc_reads, 1);
    EXPECT_NUMBER(kernel.affinity, MACHINE);
}

/* A guess, because /proc could not be read, which the refusal then kept from becoming true. */
TEST(a_refusal_leaves_no_guess_behind)
{
    begin();
    np_pin *pin = NULL;
    kernel.proc_fails = true;
    EXPECT_NUMBER(try_pin(0x30, NP_STRICT, &pin), NP_HARD_MODE_UNAVAILABLE);
    kernel.proc_fails = false;
    there_and_back();
    EXPECT_NUMBER(kernel.affinity, MACHINE);
}

TEST(a_pin_of_nothing_leaves_no_guess_behind)
{
    begin();
    kernel.proc_fails = true;
    release(pin_to(0x30, NP_SOFT));
    kernel.proc_fails = false;
    there_and_back();
    EXPECT_NUMBER(kernel.affinity, MACHINE);
}

TEST(what_was_only_seen_is_looked_at_again)
{
    begin();
    release(pin_to(0x30, NP_SOFT));
    kernel.affinity = 0x0f; /* By another program; the same is shown. */
    there_and_back();
    EXPECT_NUMBER(kernel.affinity, 0x0f);
}

/* In each order in which records of pins come back, what stands must be in one that is still there. */
TEST(pins_of_nothing_around_others)
{
    for (int inner_is_nothing = 0; inner_is_nothing < 2; inner_is_nothing++) {
        begin();
        there_and_back();
        np_pin *outer = pin_to(inner_is_nothing ? 0x02 : 0x30, NP_SOFT);
        np_pin *middle = pin_to(0x01, NP_STRICT);
        release(pin_to(inner_is_nothing ? 0x30 : 0x01, NP_SOFT));
        release(middle);
        release(outer);
        there_and_back();
        EXPECT_NUMBER(kernel.affinity, MACHINE);
    }
}

int main(void)
{
    const struct unit_test tests[] = {
        {"offline CPUs are given back", offline_cpus_are_given_back},
        {"what our own calls left is not read again", what_our_own_calls_left_is_not_read_again},
        {"a refusal leaves no guess behind", a_refusal_leaves_no_guess_behind},
        {"a pin of nothing leaves no guess behind", a_pin_of_nothing_leaves_no_guess_behind},
        {"what was only seen is looked at again", what_was_only_seen_is_looked_at_again},
        {"pins of nothing around others", pins_of_nothing_around_others},
    };
    return unit_main("pin, offline CPUs", tests, sizeof tests / sizeof tests[0]);
}
