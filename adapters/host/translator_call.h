#ifndef HOST_TRANSLATOR_CALL_H
#define HOST_TRANSLATOR_CALL_H

/*
 * What translator.c and translator_worker.c say to each other; nobody else includes it
 *
 *     request: uint32 len | uint8 op | uint8 purpose | uint16 n | n × (uint16 len, name) | content
 *     answer:  uint8 status | uint64 len | status ANSWERED: items, else a text
 *     item:    uint8 type | uint32 len | bytes
 *
 * The names of an encode are the format and the type of the document.
 */

#include <stddef.h>
#include <stdint.h>

#include "host/translator.h"

#define TRANSLATOR_HEAD_LEN    9u
#define TRANSLATOR_REQUEST_MAX ((size_t)320 << 20)
#define TRANSLATOR_ANSWER_MAX  ((size_t)512 << 20)

enum translator_op {
	TRANSLATOR_DECODE = 1,
	TRANSLATOR_ENCODE = 2,
	TRANSLATOR_HAS = 3,
	TRANSLATOR_CHECK_NAMES = 4,
};

enum translator_status {
	TRANSLATOR_ANSWERED = 1,
	TRANSLATOR_CRASHED = 2,
};

enum translator_item {
	TRANSLATOR_FORMAT = 1,
	TRANSLATOR_CC = 2,
	TRANSLATOR_MEDIA_TYPE = 3,
	TRANSLATOR_DOCUMENT = 4,
	TRANSLATOR_OUTPUT = 5,
	TRANSLATOR_ERROR = 6,
	TRANSLATOR_NOTE = 7,
	TRANSLATOR_TRANSLATION = 8,
	TRANSLATOR_UNKNOWN = 9,
	TRANSLATOR_END = 10,
	TRANSLATOR_TYPE = 11, /* of the documents */
};

/* The whole life of the translating process; returns its exit status. */
int translator_worker_run(int fd, const struct translator_limits *limits);

#endif
