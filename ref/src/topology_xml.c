/*
 * Reading the files that hwloc exports, version 2 of its XML.
 *
 * hwloc's own reader trusts the file: it is meant for files that hwloc wrote. A cut or altered one crashes it (2.9, found
 * by our fuzzer within seconds), and no argument may crash a program (LAW-8). So the text goes through expat, and what
 * is needed of it, which is little, is checked here: a tree of objects (topology_xml_objects.c), and after it matrices
 * that refer to them. Elements that are not known are passed over, as hwloc adds some with each version.
 */
#include "topology_xml.h"
#include "error_internal.h"
#include "topology_xml_internal.h"
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OPERATION "topology import"

const char xml_no_memory[] = "no memory for the topology";

/* Stop at the first problem, and say where it was. */
static void settle(struct xml_reader *reader, const char *problem)
{
    if (problem == NULL || reader->status != NP_OK)
        return;
    if (problem == xml_no_memory)
        reader->status = fail(reader->error, NP_ALLOCATION, ENOMEM, OPERATION, "%s", problem);
    else
        reader->status = fail(reader->error, NP_INVALID_ARGUMENT, 0, OPERATION, "line %lu: %s",
            (unsigned long)XML_GetCurrentLineNumber(reader->parser), problem);
    XML_StopParser(reader->parser, XML_FALSE);
}

/* Attributes: names and values in turn. NULL where there is none of that name. */
const char *xml_attribute(const char **attributes, const char *name)
{
    for (; *attributes != NULL; attributes += 2)
        if (strcmp(attributes[0], name) == 0)
            return attributes[1];
    return NULL;
}

bool xml_number(const char **attributes, const char *name, uint64_t *number)
{
    const char *text = xml_attribute(attributes, name);
    if (text == NULL || *text < '0' || *text > '9')
        return false;
    char *end = NULL;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0';
}

/* Eight hexadecimal digits at most, "0x" in front or nothing at all, up to @end. */
static bool read_mask_word(const char *text, const char *end, uint64_t *word)
{
    *word = 0;
    if (text == end)
        return true;
    if (end - text < 3 || end - text > 10 || text[0] != '0' || text[1] != 'x')
        return false;
    for (text += 2; text < end; text++) {
        if (!isxdigit((unsigned char)*text))
            return false;
        const char digit[2] = {*text, '\0'};
        *word = *word << 4 | strtoul(digit, NULL, 16);
    }
    return true;
}

/*
 * A mask as hwloc writes it: words of 32 bits, the highest first. hwloc_bitmap_sscanf() is not for texts of unknown
 * origin either. A set without end, "0xf...f", is refused: no machine has that many.
 */
static bool read_mask(const char *text, uint64_t *words, unsigned size)
{
    memset(words, 0, size / 8);
    unsigned bit = 0;
    for (const char *end = text + strlen(text);; bit += 32) {
        const char *start = end;
        while (start > text && start[-1] != ',')
            start--;
        uint64_t word = 0;
        if (!read_mask_word(start, end, &word) || (bit >= size && word != 0))
            return false;
        if (bit < size)
            words[bit / 64] |= word << (bit % 64);
        if (start == text)
            return true;
        end = start - 1;
    }
}

bool xml_cpus(const char **attributes, const char *name, np_cpuset *cpus)
{
    const char *text = xml_attribute(attributes, name);
    return text != NULL && read_mask(text, cpus->words, NP_CPU_MAX);
}

bool xml_nodes(const char **attributes, const char *name, np_nodeset *nodes)
{
    const char *text = xml_attribute(attributes, name);
    return text != NULL && read_mask(text, nodes->words, NP_NODE_MAX);
}

/* The node of that id in the file, by where it is in the topology; NO_PLACE if there is none. */
static unsigned place_of_id(const struct xml_reader *reader, uint64_t id)
{
    return id < NP_NODE_MAX ? reader->topology->place_of_node[id] : NO_PLACE;
}

static const char *take_node(struct xml_reader *reader, uint64_t number)
{
    struct xml_matrix *matrix = &reader->matrix;
    if (matrix->node_count == NP_NODE_MAX)
        return "distances of more than 1024 nodes";
    matrix->node[matrix->node_count++] = number;
    return NULL;
}

static const char *take_value(struct xml_reader *reader, uint64_t number)
{
    struct xml_matrix *matrix = &reader->matrix;
    if (matrix->value_count == (size_t)NP_NODE_MAX * NP_NODE_MAX)
        return "distances between more than 1024 nodes";
    if (matrix->value_count == matrix->value_room) {
        const size_t room = matrix->value_room == 0 ? 64 : 2 * matrix->value_room;
        uint64_t *value = realloc(matrix->value, room * sizeof *value);
        if (value == NULL)
            return xml_no_memory;
        matrix->value = value;
        matrix->value_room = room;
    }
    matrix->value[matrix->value_count++] = number;
    return NULL;
}

static void open_distances(struct xml_reader *reader, const char **attributes)
{
    const char *name = xml_attribute(attributes, "name");
    const char *type = xml_attribute(attributes, "type");
    const char *indexing = xml_attribute(attributes, "indexing");
    struct xml_matrix *matrix = &reader->matrix;
    matrix->open = name != NULL && type != NULL && indexing != NULL && strcmp(name, "NUMALatency") == 0 &&
                   strcmp(type, "NUMANode") == 0 && strcmp(indexing, "os") == 0;
    matrix->node_count = 0;
    matrix->value_count = 0;
}

static const char *close_distances(struct xml_reader *reader)
{
    struct xml_matrix *matrix = &reader->matrix;
    if (!matrix->open)
        return NULL;
    matrix->open = false;
    const size_t count = matrix->node_count;
    if (matrix->value_count != count * count)
        return "distances that are not as many as the square of their nodes";
    for (size_t i = 0; i < matrix->value_count; i++) {
        const unsigned row = place_of_id(reader, matrix->node[i / count]);
        const unsigned column = place_of_id(reader, matrix->node[i % count]);
        if (row == NO_PLACE || column == NO_PLACE || matrix->value[i] > INT32_MAX)
            return "a distance of a node that is not there, or above 2147483647";
        reader->topology->distance[(size_t)row * reader->topology->count + column] = (uint32_t)matrix->value[i];
    }
    return NULL;
}

static void open_memattr(struct xml_reader *reader, const char **attributes)
{
    const char *name = xml_attribute(attributes, "name");
    reader->figure = name != NULL ? topology_figure(name) : -1;
}

/* One figure of a target node, for the nodes of which all CPUs are among the initiators. */
static const char *meet_value(struct xml_reader *reader, const char **attributes)
{
    np_topology *topology = reader->topology;
    uint64_t target = 0;
    uint64_t value = 0;
    np_cpuset initiators;
    if (reader->figure < 0 || xml_attribute(attributes, "initiator_cpuset") == NULL)
        return NULL;
    if (!xml_number(attributes, "target_obj_gp_index", &target) || !xml_number(attributes, "value", &value) ||
        !xml_cpus(attributes, "initiator_cpuset", &initiators))
        return "a memattr_value without target, value, or a cpuset that fits 8192 CPUs";
    for (unsigned column = 0; column < topology->count; column++) {
        if (reader->node[topology->node[column].id].gp_index != target)
            continue;
        for (unsigned row = 0; row < topology->count; row++) {
            const np_cpuset *cpus = &topology->node[row].cpus;
            if (np_cpuset_count(cpus) > 0 && np_cpuset_subset(cpus, &initiators) &&
                !topology_set_figure(topology, row, column, reader->figure, value))
                return xml_no_memory;
        }
    }
    return NULL;
}

static const char *meet_element(struct xml_reader *reader, const char *name, const char **attributes)
{
    if (!reader->is_hwloc2) {
        const char *version = xml_attribute(attributes, "version");
        reader->is_hwloc2 = strcmp(name, "topology") == 0 && version != NULL && strncmp(version, "2.", 2) == 0;
        return reader->is_hwloc2 ? NULL : "not a topology that hwloc 2 exported; make one with: lstopo machine.xml";
    }
    if (strcmp(name, "object") == 0)
        return xml_open_object(reader, attributes);
    if (reader->topology == NULL)
        return NULL; /* What a tree has beside objects. */
    if (strcmp(name, "distances2") == 0)
        open_distances(reader, attributes);
    else if (strcmp(name, "indexes") == 0 && reader->matrix.open)
        reader->take_number = take_node;
    else if (strcmp(name, "u64values") == 0 && reader->matrix.open)
        reader->take_number = take_value;
    else if (strcmp(name, "memattr") == 0)
        open_memattr(reader, attributes);
    else if (strcmp(name, "memattr_value") == 0)
        return meet_value(reader, attributes);
    return NULL;
}

/* The digits gathered so far are a number, if there are any. */
static const char *end_number(struct xml_reader *reader)
{
    if (reader->digit_count == 0)
        return NULL;
    reader->digits[reader->digit_count] = '\0';
    reader->digit_count = 0;
    errno = 0;
    const unsigned long long number = strtoull(reader->digits, NULL, 10);
    return errno == 0 ? reader->take_number(reader, number) : "a number that overflows";
}

/* One character of numbers with blanks between them. */
static const char *meet_character(struct xml_reader *reader, char character)
{
    if (strchr(" \t\n\r", character) != NULL)
        return end_number(reader);
    if (character < '0' || character > '9' || reader->digit_count + 1 == sizeof reader->digits)
        return "not a number, or too long for one";
    reader->digits[reader->digit_count++] = character;
    return NULL;
}

static void open_element(void *closure, const char *name, const char **attributes)
{
    struct xml_reader *reader = closure;
    if (reader->status == NP_OK)
        settle(reader, meet_element(reader, name, attributes));
}

static void close_element(void *closure, const char *name)
{
    struct xml_reader *reader = closure;
    if (reader->status != NP_OK)
        return;
    settle(reader, end_number(reader));
    reader->take_number = NULL;
    if (strcmp(name, "object") == 0)
        settle(reader, xml_close_object(reader));
    else if (strcmp(name, "distances2") == 0)
        settle(reader, close_distances(reader));
}

/* expat may give a text in pieces, and cut numbers in two. */
static void meet_characters(void *closure, const char *text, int length)
{
    struct xml_reader *reader = closure;
    for (int i = 0; reader->take_number != NULL && reader->status == NP_OK && i < length; i++)
        settle(reader, meet_character(reader, text[i]));
}

static void parse(struct xml_reader *reader, const char *text, size_t length)
{
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, open_element, close_element);
    XML_SetCharacterDataHandler(reader->parser, meet_characters);
    if (XML_Parse(reader->parser, text, (int)length, XML_TRUE) != XML_STATUS_OK)
        settle(reader, XML_ErrorString(XML_GetErrorCode(reader->parser)));
    else if (reader->topology == NULL)
        settle(reader, "a topology without a machine");
}

np_status topology_read_xml(const char *text, size_t length, np_topology **topology, np_error *error)
{
    struct xml_reader *reader = calloc(1, sizeof *reader);
    XML_Parser parser = XML_ParserCreate(NULL);
    np_status status = NP_ALLOCATION;
    if (reader != NULL && parser != NULL) {
        reader->parser = parser;
        reader->error = error;
        reader->figure = -1;
        memset(reader->leader, 0xff, sizeof reader->leader);
        parse(reader, text, length);
        status = reader->status;
        if (status == NP_OK)
            *topology = reader->topology;
        else
            np_topology_destroy(reader->topology);
        free(reader->matrix.value);
    } else {
        fail(error, status, ENOMEM, OPERATION, "no memory to read %zu bytes of XML", length);
    }
    XML_ParserFree(parser);
    free(reader);
    return status;
}
