/*
 * The line from the guest to its launcher: frames on the second serial port.
 *
 * What the command prints, what becomes of it and where its results lie all travel on one port, so that their order is
 * known; the console keeps the first port for itself. A serial line can lose or garble bytes when either end dies, and a
 * lost guest must never look like a passing one: so each frame carries its length and a checksum, and the launcher
 * believes only what arrives whole. The launcher's only word in the other direction is one byte, a question whether
 * the guest still lives, which is answered at once.
 *
 * A frame: 'N' 'P' kind 0, length of the payload and CRC-32 of the payload (both 32 bits, least significant byte first),
 * payload. emulated/channel.py reads what is written here.
 */
#ifndef NUMAPROOF_GUEST_CHANNEL_H
#define NUMAPROOF_GUEST_CHANNEL_H

#include <stddef.h>
#include <stdint.h>

enum frame_kind {
    FRAME_BOOTED = 'B',  /* init runs; empty. */
    FRAME_OUTPUT = 'O',  /* What the command wrote on its standard output. */
    FRAME_ERROR = 'E',   /* What the command wrote on its standard error. */
    FRAME_ALIVE = 'A',   /* The answer to the launcher's question; empty. */
    FRAME_RESULTS = 'R', /* "SIZE CRC" in decimal: an archive of that size lies in the shared memory. */
    FRAME_ENDED = 'X',   /* "exit N", "signal N" or "out-of-memory N": what became of the command. */
    FRAME_TROUBLE = 'T'  /* init itself could not do its work; the payload says what and why. */
};

/* Opens the port raw, without echo. Returns its file descriptor, or -1 with errno set. */
int channel_open(void);

/* Writes a frame and returns once the port has taken it; nothing useful can be done when it does not. */
void channel_send(int channel, enum frame_kind kind, const void *payload, size_t length);

/* The same with a printf format for payloads of one line. */
void channel_send_text(int channel, enum frame_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Returns once the last byte has left the port. */
void channel_drain(int channel);

/* CRC-32 as zlib counts it, continued from @crc (0 at the start). */
uint32_t crc32_of(uint32_t crc, const void *bytes, size_t length);

#endif
