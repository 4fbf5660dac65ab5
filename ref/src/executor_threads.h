/*
 * The threads of an executor: started, looked at, let go, ended.
 */
#ifndef NUMAPROOF_EXECUTOR_THREADS_H
#define NUMAPROOF_EXECUTOR_THREADS_H

#include "executor_internal.h"

/*
 * Start every worker and wait until each has settled. Strict: NP_OK only when all are where they should be. Soft: nodes
 * keep the workers that could be had, and the executor's enforcement says what is missing; NP_ALLOCATION without any.
 * On an error the caller ends what was started.
 */
np_status executor_start_threads(np_executor *executor, np_error *error);

/* The building is done: the workers begin to take tasks. */
void executor_let_go(np_executor *executor);

/* End every thread without running another task. May be called again. */
void executor_end_threads(np_executor *executor);

#endif
