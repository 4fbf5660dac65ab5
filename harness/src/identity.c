/* uname, DMI, cpuid and the label of our guests: see identity.h. */
#include "identity.h"

#include "file.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

static void copy(char *text, size_t size, const char *from)
{
    snprintf(text, size, "%s", from);
}

static void read_firmware(struct identity *identity, const char *root)
{
    static const char *const parts[] = {"sys_vendor", "product_name", "bios_vendor", "bios_version", "bios_date"};
    char text[96];
    size_t used = 0;
    identity->firmware[0] = '\0';
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (file_read_line(text, sizeof(text), root, "/sys/class/dmi/id/%s", parts[i]) && text[0] != '\0') {
            used += (size_t)snprintf(
                identity->firmware + used, sizeof(identity->firmware) - used, "%s%s", used > 0 ? ", " : "", text);
        }
    }
    if (used == 0 && !file_read_line(identity->firmware, sizeof(identity->firmware), root, "/proc/device-tree/model")) {
        copy(identity->firmware, sizeof(identity->firmware), "unknown");
    }
}

/* A row of /proc/cpuinfo is "name<tab>: value". The first processor speaks for all. */
static void read_cpu(struct identity *identity, const char *root)
{
    char path[PATH_MAX];
    char row[256];
    snprintf(path, sizeof(path), "%s/proc/cpuinfo", root);
    copy(identity->cpu_model, sizeof(identity->cpu_model), "unknown");
    FILE *rows = fopen(path, "re");
    while (rows != NULL && fgets(row, sizeof(row), rows) != NULL && row[0] != '\n') {
        row[strcspn(row, "\n")] = '\0';
        const char *value = strstr(row, ": ");
        if (value != NULL && strncmp(row, "model name", 10) == 0) {
            copy(identity->cpu_model, sizeof(identity->cpu_model), value + 2);
        } else if (value != NULL && strncmp(row, "microcode", 9) == 0) {
            copy(identity->microcode, sizeof(identity->microcode), value + 2);
        }
    }
    if (rows != NULL) {
        fclose(rows);
    }
}

#if defined(__x86_64__) || defined(__i386__)
/* Hypervisors say who they are in the leaf that the vendors of processors left to them. */
static void read_hypervisor(struct identity *identity, const char *root)
{
    enum { FEATURES = 1, HYPERVISOR_PRESENT = 31 };
    static const unsigned hypervisor_leaf = 0x40000000;
    unsigned eax = 0;
    unsigned signature[4] = {0};
    unsigned ignored = 0;
    unsigned features = 0;
    (void)root;
    if (__get_cpuid(FEATURES, &eax, &ignored, &features, &ignored) && (features >> HYPERVISOR_PRESENT & 1) != 0) {
        __cpuid(hypervisor_leaf, eax, signature[0], signature[1], signature[2]);
        copy(identity->hypervisor, sizeof(identity->hypervisor), (const char *)signature);
        if (identity->hypervisor[0] == '\0') {
            copy(identity->hypervisor, sizeof(identity->hypervisor), "unknown");
        }
    }
}
#else
static void read_hypervisor(struct identity *identity, const char *root)
{
    file_read_line(identity->hypervisor, sizeof(identity->hypervisor), root, "/sys/hypervisor/type");
}
#endif

static void copy_member(char *text, size_t size, const json_t *label, const char *name)
{
    const char *value = json_string_value(json_object_get(label, name));
    copy(text, size, value != NULL ? value : "unknown");
}

static void read_emulated(struct identity *identity, const char *root)
{
    char path[PATH_MAX];
    char line[4096];
    snprintf(path, sizeof(path), "%s/etc/numaproof-emulated.json", root);
    file_read_line(line, sizeof(line), root, "/proc/cmdline");
    identity->our_guest = strstr(line, "numaproof.guest=") != NULL;
    json_t *label = identity->our_guest ? json_load_file(path, 0, NULL) : NULL;
    bool emulating = strcmp(identity->hypervisor, "TCGTCGTCGTCG") == 0;
    identity->emulated = identity->our_guest || emulating;
    if (identity->emulated) {
        copy_member(identity->machine, sizeof(identity->machine), label, "machine");
        copy_member(identity->accelerator, sizeof(identity->accelerator), label, "accelerator");
        copy_member(identity->qemu, sizeof(identity->qemu), label, "qemu");
    }
    if (emulating) {
        copy(identity->accelerator, sizeof(identity->accelerator), "tcg");
    }
    json_decref(label);
}

void identity_read(struct identity *identity, const char *root)
{
    struct utsname names;
    *identity = (struct identity){0};
    if (uname(&names) == 0) {
        snprintf(identity->kernel, sizeof(identity->kernel), "%s %s %s", names.sysname, names.release, names.version);
        copy(identity->architecture, sizeof(identity->architecture), names.machine);
    }
    read_firmware(identity, root);
    read_cpu(identity, root);
    read_hypervisor(identity, root);
    read_emulated(identity, root);
}
