/* Frames on the second serial port: see channel.h for their form and the reason for it. */
#include "channel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

enum { HEADER_BYTES = 12 };

int channel_open(void)
{
    int channel = open("/dev/ttyS1", O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios raw;
    if (channel < 0 || tcgetattr(channel, &raw) != 0) {
        return -1;
    }
    cfmakeraw(&raw);
    cfsetspeed(&raw, B115200);
    return tcsetattr(channel, TCSANOW, &raw) == 0 ? channel : -1;
}

static void write_all(int channel, const void *bytes, size_t length)
{
    const char *next = bytes;
    while (length > 0) {
        ssize_t written = write(channel, next, length);
        if (written < 0 && errno != EINTR) {
            return;
        }
        if (written > 0) {
            next += written;
            length -= (size_t)written;
        }
    }
}

static void put_32(unsigned char *at, uint32_t value)
{
    for (int byte = 0; byte < 4; byte++) {
        at[byte] = (unsigned char)(value >> (8 * byte));
    }
}

void channel_send(int channel, enum frame_kind kind, const void *payload, size_t length)
{
    unsigned char header[HEADER_BYTES] = {'N', 'P', (unsigned char)kind, 0};
    put_32(header + 4, (uint32_t)length);
    put_32(header + 8, crc32_of(0, payload, length));
    write_all(channel, header, sizeof(header));
    write_all(channel, payload, length);
}

void channel_send_text(int channel, enum frame_kind kind, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length < 0) {
        length = 0;
    }
    channel_send(channel, kind, text, (size_t)length < sizeof(text) ? (size_t)length : sizeof(text) - 1);
}

void channel_drain(int channel)
{
    while (tcdrain(channel) != 0 && errno == EINTR) {
    }
}

uint32_t crc32_of(uint32_t crc, const void *bytes, size_t length)
{
    static uint32_t table[256];
    for (uint32_t entry = 0; table[255] == 0 && entry < 256; entry++) {
        uint32_t value = entry;
        for (int bit = 0; bit < 8; bit++) {
            value = (value >> 1) ^ ((value & 1U) != 0 ? 0xEDB88320U : 0U);
        }
        table[entry] = value;
    }
    const unsigned char *next = bytes;
    crc = ~crc;
    for (size_t index = 0; index < length; index++) {
        crc = (crc >> 8) ^ table[(crc ^ next[index]) & 0xFFU];
    }
    return ~crc;
}
