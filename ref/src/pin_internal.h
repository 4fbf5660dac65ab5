/*
 * What a pin is, and which pins a thread has.
 *
 * A thread's pins are a stack, innermost first, that only the thread itself looks at: no lock is taken to pin or to release, and
 * "is this the innermost one of the calling thread" is one comparison of pointers, which touches nothing behind a
 * pointer that may no longer be valid.
 *
 * Sets of CPUs are large, a kilobyte each, and a pin is cheap enough for copies of them to count. So the record of the last
 * pin that was released is kept: it holds the affinity that stands since, and the next pin begins with that in place.
 * (Whoever uses a pin after its release is therefore not caught by a sanitizer.)
 */
#ifndef NUMAPROOF_PIN_INTERNAL_H
#define NUMAPROOF_PIN_INTERNAL_H

#include <numaproof/pin.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * An affinity has two faces. @shown is what sched_getaffinity tells: the active CPUs of it. @whole has the offline ones
 * too, which come back into force when they come online: what must be restored.
 */
struct affinity {
    np_cpuset shown;
    np_cpuset whole;
};

struct np_pin {
    np_pin *outer;          /* The pin around this one, on the same thread. */
    struct affinity set;    /* Whole: what was asked for. Shown: what was had of it, nothing where the level is none. */
    struct affinity before; /* Unset where the level is none. */
    np_enforcement got;
    pid_t thread;
    unsigned generation; /* Of the process that it was made in, counted by forks. */
    bool orphan;         /* Its thread has ended. Under the lock of pin_stack.c. */
};

/* What the calling thread remembers between its pins, from its first pin to its end; NULL before. */
struct pin_stack {
    np_pin *innermost;
    np_pin *spare; /* A released one, or NULL. */
    pid_t thread;
    const struct affinity *standing; /* What our last call left, in a pin of the stack or in the spare; or NULL. */
};
struct pin_stack *pin_stack(void);

/*
 * Put a pin on the calling thread's stack, of which only @before may be set: to what stands, where @standing points there.
 * Returns 0, or an errno for want of memory or keys, and then does nothing.
 */
int pin_stack_push(np_pin **pin);
/* Take the innermost off; it is the stack's from now on. */
void pin_stack_pop(void);
/* Whether @pin, a valid one, is on the calling thread's stack. */
bool pin_stack_has(const np_pin *pin);

/*
 * The affinity of the thread of @pin, a valid one. ESRCH: it has ended, or belongs to the process that this one was
 * forked from.
 */
int pin_stack_affinity_of(const np_pin *pin, np_cpuset *cpus);

/* End @pin, which may be any pointer, if it is the pin of a thread that has ended. */
bool pin_stack_free_orphan(const np_pin *pin);

#endif
