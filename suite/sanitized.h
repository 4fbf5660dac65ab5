/*
 * Whether this build has AddressSanitizer or ThreadSanitizer, which map memory of their own at any time: what is mapped
 * then says nothing about the implementation under test.
 */
#ifndef NUMAPROOF_SUITE_SANITIZED_H
#define NUMAPROOF_SUITE_SANITIZED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define BUILT_WITH_SANITIZER true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BUILT_WITH_SANITIZER true
#endif
#endif
#ifndef BUILT_WITH_SANITIZER
#define BUILT_WITH_SANITIZER false
#endif

#endif
