/*
 * Strict where it can be had, soft where not, and never without a word: the start of a program that must run anywhere.
 *
 * The one status to look for is NP_HARD_MODE_UNAVAILABLE: the machine, or this user, lacks what the reason names. Everything
 * else is a mistake in the program, or no memory, and soft mode would not mend it. Soft mode then says what it got,
 * so that whoever reads the log knows how this process runs.
 */
#include <numaproof/numaproof.h>
#include <stdio.h>

static np_status create(const np_topology *topology, np_mode mode, np_executor **executor, np_error *error)
{
    np_executor_options options;
    np_executor_options_init(&options);
    options.mode = (int32_t)mode;
    options.workers_per_node = 1;
    return np_executor_create(topology, &options, executor, error);
}

static np_status create_strict_or_soft(const np_topology *topology, np_executor **executor, np_error *error)
{
    const np_status status = create(topology, NP_STRICT, executor, error);
    if (status != NP_HARD_MODE_UNAVAILABLE)
        return status;
    printf("hard mode was refused for %s: %s\ngoing on in soft mode\n", error->operation, error->reason);
    return create(topology, NP_SOFT, executor, error);
}

static void greet(void *argument)
{
    (void)argument;
    puts("a task ran");
}

int main(void)
{
    np_error error;
    np_topology *topology;
    np_executor *executor = NULL;
    np_status status = np_topology_discover(&topology, &error);
    if (status != NP_OK) {
        fprintf(stderr, "%s: %s\n", error.operation, error.reason);
        return 1;
    }
    status = create_strict_or_soft(topology, &executor, &error);
    np_enforcement enforcement;
    if (status == NP_OK)
        status = np_executor_enforcement(executor, &enforcement, &error);
    if (status == NP_OK) {
        printf("the executor runs with level %s. %s\n", np_level_name((np_level)enforcement.level), enforcement.reason);
        status = np_executor_submit_local(executor, greet, NULL, &error);
    }
    if (status == NP_OK)
        status = np_executor_shutdown(executor, &error);
    np_executor_destroy(executor, NULL);
    np_topology_destroy(topology);
    if (status != NP_OK)
        fprintf(stderr, "%s: %s\n", error.operation, error.reason);
    return status == NP_OK ? 0 : 1;
}
