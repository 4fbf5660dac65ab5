/*
 * The pins of each thread, and what becomes of them when a thread ends or the process forks.
 *
 * A thread may end with pins unreleased. There is then nothing left to restore, and the number by which the kernel knew
 * the thread may soon be another's. So the end of a thread is watched (the destructor of a thread-specific key): its
 * pins become orphans, which verify as gone, and which any thread may release.
 *
 * A fork copies one thread, under a new number. The copy keeps its affinity and its pins, and they go on working
 * there; pins of threads that were not copied count as those of threads that have ended.
 *
 * What a thread remembers is large, and is had from the heap with its first pin, where want of memory is an error like any
 * other. As thread-local memory of a library that was loaded by dlopen(3) it would come from the heap as well, behind the
 * back of the first access, and without memory glibc then ends the process (2.36: "cannot allocate memory for thread-local
 * data: ABORT"). So only a pointer is thread-local (ref/CMakeLists.txt has more).
 */
#include "linux.h"
#include "pin_internal.h"
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

static _Thread_local struct pin_stack *own; /* NULL: the thread has not pinned yet. */

/* Held while a thread's number is used by another one, and to end as a thread: so the number stays true meanwhile. */
static pthread_mutex_t ending = PTHREAD_MUTEX_INITIALIZER;
static np_pin *orphans;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t end_of_thread;
static int setup_error;
static unsigned generation;

struct pin_stack *pin_stack(void)
{
    return own;
}

static void orphan_all(void *of_ending_thread)
{
    struct pin_stack *stack = of_ending_thread;
    pthread_mutex_lock(&ending);
    while (stack->innermost != NULL) {
        np_pin *pin = stack->innermost;
        stack->innermost = pin->outer;
        pin->orphan = true;
        pin->outer = orphans;
        orphans = pin;
    }
    pthread_mutex_unlock(&ending);
    free(stack->spare);
    free(stack);
    own = NULL;
}

static void before_fork(void)
{
    pthread_mutex_lock(&ending);
}

static void after_fork_in_parent(void)
{
    pthread_mutex_unlock(&ending);
}

static void after_fork_in_child(void)
{
    generation++;
    if (own != NULL)
        own->thread = linux_thread_id();
    for (np_pin *pin = own != NULL ? own->innermost : NULL; pin != NULL; pin = pin->outer) {
        pin->thread = own->thread;
        pin->generation = generation;
    }
    pthread_mutex_unlock(&ending);
}

static void set_up(void)
{
    setup_error = pthread_key_create(&end_of_thread, orphan_all);
    if (setup_error == 0)
        setup_error = pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

/* The calling thread's first pin: what it will remember, and the watch over its end. Returns 0 or an errno. */
static int begin_stack(void)
{
    struct pin_stack *stack = calloc(1, sizeof *stack);
    const int error = stack != NULL ? pthread_setspecific(end_of_thread, stack) : ENOMEM;
    if (error != 0) {
        free(stack);
        return error;
    }
    stack->thread = linux_thread_id();
    own = stack;
    return 0;
}

int pin_stack_push(np_pin **pin)
{
    pthread_once(&once, set_up);
    int error = setup_error;
    if (error == 0 && own == NULL)
        error = begin_stack();
    if (error != 0)
        return error;
    np_pin *pushed = own->spare != NULL ? own->spare : malloc(sizeof *pushed);
    if (pushed == NULL)
        return ENOMEM;
    own->spare = NULL;
    pushed->thread = own->thread;
    pushed->generation = generation;
    pushed->orphan = false;
    pushed->outer = own->innermost;
    own->innermost = pushed;
    *pin = pushed;
    return 0;
}

/* One spare is enough: the one that holds what stands. */
void pin_stack_pop(void)
{
    np_pin *popped = own->innermost;
    own->innermost = popped->outer;
    if (own->spare != NULL && own->standing == &own->spare->before) {
        free(popped);
        return;
    }
    free(own->spare);
    own->spare = popped;
}

bool pin_stack_has(const np_pin *pin)
{
    const np_pin *mine = own != NULL ? own->innermost : NULL;
    while (mine != NULL && mine != pin)
        mine = mine->outer;
    return mine != NULL;
}

int pin_stack_affinity_of(const np_pin *pin, np_cpuset *cpus)
{
    if (pin_stack_has(pin))
        return linux_get_affinity(0, cpus);
    pthread_mutex_lock(&ending);
    const bool gone = pin->orphan || pin->generation != generation;
    const int error = gone ? ESRCH : linux_get_affinity(pin->thread, cpus);
    pthread_mutex_unlock(&ending);
    return error;
}

bool pin_stack_free_orphan(const np_pin *pin)
{
    pthread_mutex_lock(&ending);
    np_pin **link = &orphans;
    while (*link != NULL && *link != pin)
        link = &(*link)->outer;
    np_pin *found = *link;
    if (found != NULL)
        *link = found->outer;
    pthread_mutex_unlock(&ending);
    free(found);
    return found != NULL;
}
