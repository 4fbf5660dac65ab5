/*
 * The memory that the guest shares with its launcher: QEMU's ivshmem device, whose second memory window is a file of the
 * launcher's. Result files go out through it, because it takes them at the speed of memory (a gigabyte a second where
 * the serial port took a quarter of a megabyte, both emulated), and it needs no driver: sysfs lets root map the
 * windows of a PCI device.
 */
#ifndef NUMAPROOF_GUEST_MAILBOX_H
#define NUMAPROOF_GUEST_MAILBOX_H

#include <stddef.h>

struct mailbox {
    unsigned char *memory;
    size_t size;
};

/* Maps the mailbox. Returns 0, or -1 with what failed in @trouble. */
int mailbox_open(struct mailbox *mailbox, char *trouble, size_t trouble_size);

#endif
