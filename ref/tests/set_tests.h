/*
 * The tests of a set type, the same for CPUs and nodes: whoever includes this defines SET (the type), NAME(function) and
 * SIZE. Not a header in the usual sense: it is included once for each type, and has no guard.
 *
 * The algebra is compared with a model that nobody can get wrong, an array of booleans, on random sets of all densities.
 */
#define TEST(name) NAME(name##_test)

static void NAME(model_of)(const SET *set, bool *model)
{
    for (unsigned id = 0; id < SIZE; id++)
        model[id] = NAME(contains)(set, id);
}

/* A set with runs and holes: single ids at one end of the scale, long runs at the other. */
static void NAME(randomize)(SET *set)
{
    NAME(clear)(set);
    const unsigned density = random_below(5);
    const unsigned runs = density == 0 ? 0 : 1 + random_below(1u << (2 * density));
    for (unsigned run = 0; run < runs; run++) {
        const unsigned first = random_below(SIZE);
        const unsigned length = 1 + random_below(density == 4 ? SIZE / 8 : 4);
        for (unsigned id = first; id < first + length && id < SIZE; id++)
            NAME(add)(set, id, NULL);
    }
    if (random_below(8) == 0)
        NAME(add)(set, SIZE - 1, NULL);
}

/* The kernel's list of a model, by the most plodding way. */
static void NAME(format_model)(const bool *model, char *text)
{
    char *end = text;
    *end = '\0';
    for (unsigned id = 0; id < SIZE; id++) {
        if (!model[id] || (id > 0 && model[id - 1]))
            continue;
        unsigned last = id;
        while (last + 1 < SIZE && model[last + 1])
            last++;
        end += sprintf(end, last > id ? "%s%u-%u" : "%s%u", end > text ? "," : "", id, last);
    }
}

/* SET-3: the text is the kernel's, its length is told even where it is cut, and it reads back as the same set. */
static void TEST(format)(void)
{
    static bool model[SIZE];
    static char expected[6 * SIZE];
    static char seen[6 * SIZE];
    for (int round = 0; round < 200; round++) {
        SET set;
        SET back;
        NAME(randomize)(&set);
        NAME(model_of)(&set, model);
        NAME(format_model)(model, expected);
        const size_t length = NAME(format)(&set, seen, sizeof seen);
        EXPECT_TEXT(seen, expected);
        EXPECT_NUMBER(length, strlen(expected));
        memset(&back, 0xaa, sizeof back);
        EXPECT_NUMBER(NAME(parse)(seen, &back, NULL), NP_OK);
        EXPECT(NAME(equal)(&set, &back));

        const size_t cut = random_below((unsigned)length + 2);
        memset(seen, '#', sizeof seen);
        EXPECT_NUMBER(NAME(format)(&set, seen, cut), length);
        EXPECT(cut == 0 || strncmp(seen, expected, cut - 1) == 0);
        EXPECT(cut == 0 || strlen(seen) == (cut - 1 < length ? cut - 1 : length));
        EXPECT_NUMBER(seen[cut], '#');
        EXPECT_NUMBER(NAME(format)(&set, NULL, 0), length);
    }
}

/* SET-4: each operation does to the sets what it does to the models, also where the result is one of its operands. */
static void TEST(algebra)(void)
{
    static bool in_a[SIZE];
    static bool in_b[SIZE];
    for (int round = 0; round < 200; round++) {
        SET a;
        SET b;
        NAME(randomize)(&a);
        NAME(randomize)(&b);
        if (random_below(4) == 0)
            NAME(intersection)(&a, &b, &a, NULL);
        NAME(model_of)(&a, in_a);
        NAME(model_of)(&b, in_b);
        SET either = a;
        SET both = b;
        SET only_a;
        EXPECT_NUMBER(NAME(union)(&either, &b, &either, NULL), NP_OK);
        EXPECT_NUMBER(NAME(intersection)(&a, &both, &both, NULL), NP_OK);
        EXPECT_NUMBER(NAME(difference)(&a, &b, &only_a, NULL), NP_OK);
        unsigned count = 0;
        bool subset = true;
        bool equal = true;
        bool right = true;
        for (unsigned id = 0; id < SIZE; id++) {
            right = right && NAME(contains)(&either, id) == (in_a[id] || in_b[id]);
            right = right && NAME(contains)(&both, id) == (in_a[id] && in_b[id]);
            right = right && NAME(contains)(&only_a, id) == (in_a[id] && !in_b[id]);
            subset = subset && (!in_a[id] || in_b[id]);
            equal = equal && in_a[id] == in_b[id];
            count += in_a[id];
        }
        EXPECT(right);
        EXPECT_NUMBER(NAME(count)(&a), count);
        EXPECT_NUMBER(NAME(subset)(&a, &b), subset);
        EXPECT_NUMBER(NAME(equal)(&a, &b), equal);
    }
}

/* SET-4, SET-5: ids come in order, each once, the last one too. */
static void TEST(iteration)(void)
{
    static bool model[SIZE];
    for (int round = 0; round < 100; round++) {
        SET set;
        NAME(randomize)(&set);
        NAME(model_of)(&set, model);
        int seen = NAME(first)(&set);
        for (int id = 0; id < SIZE; id++) {
            if (!model[id])
                continue;
            EXPECT_NUMBER(seen, id);
            seen = NAME(next)(&set, seen);
        }
        EXPECT_NUMBER(seen, -1);
    }
    SET last = {0};
    EXPECT_NUMBER(NAME(add)(&last, SIZE - 1, NULL), NP_OK);
    EXPECT_NUMBER(NAME(first)(&last), SIZE - 1);
    EXPECT_NUMBER(NAME(next)(&last, -5), SIZE - 1);
    EXPECT_NUMBER(NAME(next)(&last, SIZE - 2), SIZE - 1);
    EXPECT_NUMBER(NAME(next)(&last, SIZE - 1), -1);
    EXPECT_NUMBER(NAME(next)(&last, INT_MAX), -1);
    EXPECT_NUMBER(NAME(remove)(&last, SIZE - 1, NULL), NP_OK);
    EXPECT_NUMBER(NAME(remove)(&last, SIZE - 1, NULL), NP_OK);
    EXPECT_NUMBER(NAME(first)(&last), -1);
}

/* LAW-6: ids past the maximum and NULL are errors that change nothing. */
static void TEST(wrong_arguments)(void)
{
    SET set = {0};
    SET before;
    np_error error = {0};
    NAME(add)(&set, 7, NULL);
    before = set;
    EXPECT_ERROR(NAME(add)(&set, SIZE, &error), NP_INVALID_ARGUMENT, error, "highest");
    EXPECT_ERROR(NAME(remove)(&set, UINT_MAX, &error), NP_INVALID_ARGUMENT, error, "highest");
    EXPECT_ERROR(NAME(add)(NULL, 1, &error), NP_INVALID_ARGUMENT, error, "NULL");
    EXPECT_ERROR(NAME(remove)(NULL, 1, &error), NP_INVALID_ARGUMENT, error, "NULL");
    EXPECT_ERROR(NAME(union)(NULL, &set, &set, &error), NP_INVALID_ARGUMENT, error, "first set");
    EXPECT_ERROR(NAME(intersection)(&set, NULL, &set, &error), NP_INVALID_ARGUMENT, error, "second set");
    EXPECT_ERROR(NAME(difference)(&set, &set, NULL, &error), NP_INVALID_ARGUMENT, error, "result");
    EXPECT_ERROR(NAME(parse)(NULL, &set, &error), NP_INVALID_ARGUMENT, error, "list");
    EXPECT_ERROR(NAME(parse)("1", NULL, &error), NP_INVALID_ARGUMENT, error, "set");
    EXPECT(memcmp(&set, &before, sizeof set) == 0);
    EXPECT(!NAME(contains)(&set, SIZE) && !NAME(contains)(&set, UINT_MAX) && !NAME(contains)(NULL, 0));
    EXPECT_NUMBER(NAME(count)(NULL), 0);
    EXPECT_NUMBER(NAME(first)(NULL), -1);
    EXPECT_NUMBER(NAME(next)(NULL, 0), -1);
    EXPECT_NUMBER(NAME(format)(NULL, NULL, 0), 0);
    EXPECT(NAME(equal)(NULL, NULL) && NAME(subset)(NULL, &set) && !NAME(subset)(&set, NULL));
    NAME(clear)(NULL);
}

/* SET-1, SET-2, with what depends on the type: the highest id, and one above. */
static void TEST(parse)(void)
{
    char text[64];
    SET set = {0};
    snprintf(text, sizeof text, "%d", SIZE - 1);
    EXPECT_NUMBER(NAME(parse)(text, &set, NULL), NP_OK);
    EXPECT_NUMBER(NAME(first)(&set), SIZE - 1);
    snprintf(text, sizeof text, "0-%d", SIZE - 1);
    EXPECT_NUMBER(NAME(parse)(text, &set, NULL), NP_OK);
    EXPECT_NUMBER(NAME(count)(&set), SIZE);

    const SET before = set;
    np_error error = {0};
    snprintf(text, sizeof text, "0-%d", SIZE);
    EXPECT_ERROR(NAME(parse)(text, &set, &error), NP_INVALID_ARGUMENT, error, text);
    for (size_t i = 0; i < sizeof bad_lists / sizeof bad_lists[0]; i++) {
        EXPECT_ERROR(NAME(parse)(bad_lists[i], &set, &error), NP_INVALID_ARGUMENT, error, "ids are 0 to");
        unit_expect(memcmp(&set, &before, sizeof set) == 0, __FILE__, __LINE__, "\"%s\" changed the set", bad_lists[i]);
        unit_expect(
            strchr(error.reason, '\n') == NULL, __FILE__, __LINE__, "two lines of reason for \"%s\"", bad_lists[i]);
    }
    for (size_t i = 0; i < sizeof good_lists / sizeof good_lists[0]; i++) {
        char seen[64];
        NAME(parse)("13", &set, NULL);
        EXPECT_NUMBER(NAME(parse)(good_lists[i].list, &set, NULL), NP_OK);
        NAME(format)(&set, seen, sizeof seen);
        unit_expect(strcmp(seen, good_lists[i].means) == 0, __FILE__, __LINE__,
            "\"%s\" reads as \"%s\", expected \"%s\"", good_lists[i].list, seen, good_lists[i].means);
    }
}

#undef TEST
#undef SET
#undef NAME
#undef SIZE
