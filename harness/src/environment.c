/* The part "environment" of a result: which machine, in which state, by which program. */
#include "config.h"
#include "result.h"

#include <errno.h>
#include <git_version.h>
#include <hwloc.h>
#include <numaproof/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *command_json(void)
{
    char line[8192];
    json_t *words = json_array();
    FILE *file = fopen("/proc/self/cmdline", "re");
    size_t length = file != NULL ? fread(line, 1, sizeof(line) - 1, file) : 0;
    if (file != NULL) {
        fclose(file);
    }
    line[length] = '\0';
    for (const char *word = line; word < line + length; word += strlen(word) + 1) {
        json_array_append_new(words, json_text(word));
    }
    return words;
}

static json_t *emulated_json(const struct identity *identity)
{
    if (!identity->emulated) {
        return json_null();
    }
    json_t *object = json_object();
    json_put_text(object, "machine", identity->machine);
    json_put_text(object, "accelerator", identity->accelerator);
    json_put_text(object, "qemu", identity->qemu);
    return object;
}

static json_t *privileges_json(const struct privileges *privileges)
{
    json_t *object = json_object();
    json_t *effective = json_array();
    for (cap_value_t capability = 0; capability < 64; capability++) {
        char *name = privileges_have(privileges, capability) ? cap_to_name(capability) : NULL;
        for (char *c = name; c != NULL && *c != '\0'; c++) {
            *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
        }
        if (name != NULL) {
            json_array_append_new(effective, json_text(name));
            cap_free(name);
        }
    }
    json_put(object, "uid", json_integer(privileges->uid));
    json_put(object, "effective", effective);
    return object;
}

/* Null where the kernel does not have it or does not show it. */
static json_t *settings_json(const struct settings *settings)
{
    json_t *object = json_object();
    for (int i = 0; i < SETTING_COUNT; i++) {
        bool read = settings->values[i].state == SETTING_READ;
        json_put(object, setting_name((enum setting)i), read ? json_text(settings->values[i].text) : json_null());
    }
    return object;
}

static void put_cpus(json_t *object, const char *key, const np_cpuset *cpus)
{
    size_t size = np_cpuset_format(cpus, NULL, 0) + 1;
    char *text = malloc(size);
    if (text == NULL) {
        out_of_memory();
    }
    np_cpuset_format(cpus, text, size);
    json_put_text(object, key, text);
    free(text);
}

static json_t *limits_json(const struct facts *facts)
{
    char nodes[4096];
    json_t *object = json_object();
    np_nodeset_format(&facts->privileges.nodes, nodes, sizeof(nodes));
    json_put_text(object, "memlock", facts->limits.locked_memory);
    json_put_text(object, "as", facts->limits.address_space);
    json_put_text(object, "nproc", facts->limits.processes);
    put_cpus(object, "cpuset_cpus", &facts->privileges.cpus);
    json_put_text(object, "cpuset_mems", nodes);
    json_put_text(object, "cgroup_memory_max", facts->limits.group_memory);
    return object;
}

static void put_nodes(json_t *environment, const struct facts *facts)
{
    const struct nodes *nodes = &facts->nodes;
    json_t *list = json_array();
    json_t *rows = json_array();
    for (size_t i = 0; i < nodes->count; i++) {
        const struct node *node = &nodes->list[i];
        json_t *object = json_object();
        json_t *row = json_array();
        json_put(object, "id", json_integer(node->id));
        put_cpus(object, "cpus", &node->cpus);
        json_put(object, "memory_bytes", json_integer((json_int_t)node->memory_bytes));
        json_put(object, "free_bytes", json_integer((json_int_t)node->free_bytes));
        json_put(object, "usable", json_boolean(np_nodeset_contains(&facts->privileges.nodes, node->id)));
        for (size_t j = 0; j < nodes->count; j++) {
            int distance = nodes_distance(nodes, i, j);
            json_array_append_new(row, distance >= 0 ? json_integer(distance) : json_null());
        }
        json_array_append_new(list, object);
        json_array_append_new(rows, row);
    }
    json_put(environment, "nodes", list);
    json_put(environment, "distances", rows);
}

static json_t *versions_json(void)
{
    json_t *object = json_object();
    unsigned hwloc = hwloc_get_api_version();
    json_put_text(object, "libnuma", NP_LIBNUMA_VERSION);
    json_put(object, "hwloc", json_sprintf("%u.%u.%u", hwloc >> 16, hwloc >> 8 & 0xff, hwloc & 0xff));
    json_put_text(object, "papi", NP_PAPI_VERSION);
    json_put_text(object, "jansson", JANSSON_VERSION);
    json_put_text(object, "compiler", NP_COMPILER);
    json_put_text(object, "implementation", np_version_string());
    return object;
}

static json_t *git_json(void)
{
    json_t *object = json_object();
    json_put_text(object, "commit", NP_GIT_COMMIT);
    json_put(object, "dirty", json_boolean(NP_GIT_DIRTY));
    return object;
}

json_t *environment_json(const struct run *run)
{
    char started[32];
    struct tm utc;
    const struct identity *identity = &run->identity;
    json_t *object = json_object();
    strftime(started, sizeof(started), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&run->started, &utc));
    json_put_text(object, "kernel", identity->kernel);
    json_put_text(object, "kernel_command_line", run->facts.nodes.command_line);
    json_put_text(object, "architecture", identity->architecture);
    json_put_text(object, "firmware", identity->firmware);
    json_put_text(object, "cpu_model", identity->cpu_model);
    json_put_text(object, "microcode", identity->microcode);
    json_put_text(object, "hypervisor", identity->hypervisor);
    json_put(object, "emulated", emulated_json(identity));
    json_put_text(object, "started", started);
    json_put_number(object, "seconds", run->seconds);
    json_put(object, "command", command_json());
    json_put(object, "privileges", privileges_json(&run->facts.privileges));
    json_put(object, "settings", settings_json(&run->facts.settings));
    json_put(object, "limits", limits_json(&run->facts));
    put_nodes(object, &run->facts);
    json_put(object, "versions", versions_json());
    json_put(object, "git", git_json());
    return object;
}
