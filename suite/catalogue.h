/*
 * The clauses of the contract as data; see catalogue.c. The list itself is suite_clauses() of suite.h.
 */
#ifndef NUMAPROOF_SUITE_CATALOGUE_H
#define NUMAPROOF_SUITE_CATALOGUE_H

#include "suite/suite.h"

/* The clause of that id, NULL if there is none. */
const struct suite_clause *catalogue_find(const char *id);

#endif
