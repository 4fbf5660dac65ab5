/*
 * Executors that are laid out, gates, and threads counted.
 */
#include "executor_lab.h"
#include <dirent.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned memory_node(void)
{
    np_topology *topology = NULL;
    np_nodeset nodes = {{1}};
    if (np_topology_discover(&topology, NULL) == NP_OK)
        np_topology_usable_nodes(topology, &nodes, NULL);
    np_topology_destroy(topology);
    return (unsigned)np_nodeset_first(&nodes);
}

np_status lab_build(const struct lab_node *nodes, unsigned count, const unsigned *distances,
    const np_executor_options *options, np_executor **executor, np_error *error)
{
    struct executor_plan plan = {
        .node_count = count,
        .nodes = calloc(count, sizeof *plan.nodes),
        .distances = calloc((size_t)count * count, sizeof *plan.distances),
    };
    const unsigned memory = memory_node();
    np_status status = NP_OK;
    for (unsigned i = 0; i < count && status == NP_OK; i++) {
        plan.nodes[i].id = nodes[i].id;
        plan.nodes[i].memory = memory;
        plan.nodes[i].socket = nodes[i].socket;
        status = np_cpuset_parse(nodes[i].cpus, &plan.nodes[i].cpus, error);
        plan.nodes[i].affinity = plan.nodes[i].cpus;
        for (unsigned j = 0; j < count; j++)
            plan.distances[i * count + j] = distances != NULL ? distances[i * count + j] : i == j ? 10 : 20;
    }
    if (status == NP_OK)
        status = executor_build(&plan, options, executor, error);
    executor_plan_free(&plan);
    return status;
}

static np_cpuset own_cpus(void)
{
    np_topology *topology = NULL;
    np_cpuset cpus = {0};
    if (np_topology_discover(&topology, NULL) == NP_OK)
        np_topology_usable_cpus(topology, &cpus, NULL);
    np_topology_destroy(topology);
    return cpus;
}

const char *lab_all_cpus(void)
{
    static char list[40000]; /* Every second of all CPUs. */
    const np_cpuset cpus = own_cpus();
    np_cpuset_format(&cpus, list, sizeof list);
    return list;
}

int lab_cpu(unsigned rank)
{
    const np_cpuset cpus = own_cpus();
    int cpu = np_cpuset_first(&cpus);
    while (rank-- > 0 && cpu >= 0)
        cpu = np_cpuset_next(&cpus, cpu);
    return cpu;
}

bool lab_sleeps(pid_t thread)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return false;
    const size_t length = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[length] = '\0';
    const char *after_name = strrchr(text, ')');
    return after_name != NULL && strncmp(after_name, ") S", 3) == 0;
}

void lab_await_sleep_of(const struct worker *worker)
{
    while ((atomic_load(&worker->node->sleeping[worker->index / 64]) >> (worker->index % 64) & 1) == 0 ||
           !lab_sleeps(worker->thread_id))
        sched_yield();
}

void lab_await_sleep(const np_executor *executor)
{
    for (unsigned i = 0; i < executor->node_count; i++)
        for (unsigned w = 0; w < executor->nodes[i]->worker_count; w++)
            lab_await_sleep_of(executor->nodes[i]->workers[w]);
}

void gate_init(struct gate *gate)
{
    sem_init(&gate->come, 0, 0);
    sem_init(&gate->through, 0, 0);
}

void gate_end(struct gate *gate)
{
    sem_destroy(&gate->come);
    sem_destroy(&gate->through);
}

void gate_task(void *closure)
{
    struct gate *gate = closure;
    sem_post(&gate->come);
    sem_wait(&gate->through);
}

void gate_await(struct gate *gate, unsigned tasks)
{
    for (unsigned i = 0; i < tasks; i++)
        sem_wait(&gate->come);
}

void gate_open(struct gate *gate, unsigned tasks)
{
    for (unsigned i = 0; i < tasks; i++)
        sem_post(&gate->through);
}

void count_task(void *count)
{
    atomic_fetch_add((atomic_long *)count, 1);
}

unsigned lab_threads(void)
{
    unsigned threads = 0;
    DIR *tasks = opendir("/proc/self/task");
    if (tasks == NULL)
        return 0;
    for (const struct dirent *entry = readdir(tasks); entry != NULL; entry = readdir(tasks))
        threads += entry->d_name[0] != '.';
    closedir(tasks);
    return threads;
}
