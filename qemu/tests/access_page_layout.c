/*
 * Print where each field of the access counter's page lies, for the test that compares it with what the launcher thinks.
 */
#include "access_page.h"
#include <stddef.h>
#include <stdio.h>

#define FIELD(type, field) printf("%s.%s %zu\n", #type, #field, offsetof(struct access_##type, field))

int main(void)
{
    printf("page.bytes %d\n", ACCESS_PAGE_BYTES);
    printf("counts.size %zu\n", sizeof(struct access_counts));
    FIELD(page, control);
    FIELD(page, answer);
    FIELD(page, counts);
    FIELD(machine, magic);
    FIELD(machine, version);
    FIELD(machine, cpu_count);
    FIELD(machine, node_count);
    FIELD(machine, cache_sets);
    FIELD(machine, cache_ways);
    FIELD(machine, cache_line_bytes);
    FIELD(machine, cache_scope);
    FIELD(machine, delayed);
    FIELD(machine, node_bytes);
    FIELD(machine, node_of_cpu);
    FIELD(machine, cost_ns);
    FIELD(control, armed);
    FIELD(control, proof_request);
    FIELD(control, proof_cpu);
    FIELD(control, proof_node);
    FIELD(control, proof);
    FIELD(control, windows);
    FIELD(answer, proof);
    FIELD(answer, proof_touches);
    FIELD(answer, space);
    FIELD(answer, loaded);
    FIELD(answer, guest_cpu);
    FIELD(answer, failure);
    FIELD(counts, all);
    FIELD(counts, memory);
    return 0;
}
