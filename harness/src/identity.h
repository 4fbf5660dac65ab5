/*
 * Which machine this is: what a reader of the result file must know to believe it, or to ask for the same again.
 */
#ifndef NUMAPROOF_HARNESS_IDENTITY_H
#define NUMAPROOF_HARNESS_IDENTITY_H

#include <stdbool.h>

struct identity {
    char kernel[512];
    char architecture[80];
    char firmware[512];
    char cpu_model[160];
    char microcode[32];
    char hypervisor[64]; /* Empty when there is none. */
    /*
     * Made of software, instruction by instruction, or started by our launcher: figures from it say nothing of hardware.
     * Believed only when two witnesses agree, the label that our guest carries and the kernel's command line, so that a stray
     * file cannot make a host look emulated; an emulating processor without the label is emulated by someone else.
     */
    bool emulated;
    bool our_guest;   /* By our launcher. */
    char machine[64]; /* The name of our machine, "unknown" in anyone else's. */
    char accelerator[16];
    char qemu[32];
};

void identity_read(struct identity *identity, const char *root);

#endif
