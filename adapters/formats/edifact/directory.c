/*
 * Looking things up in the directory tables
 *
 * Threads: constants only.
 */
#include "formats/edifact/directory.h"

#include <stdlib.h>
#include <string.h>

/* 95B as 1995 and a letter, 03B as 2003, so that releases compare. 0: no release. */
static unsigned long age(const char *release)
{
	char *end = NULL;
	unsigned long year = strtoul(release, &end, 10);
	unsigned long letter = end != release && *end >= 'A' && *end <= 'Z' && end[1] == '\0'
		? (unsigned long)(*end - 'A')
		: 0;
	if (year < 1 || year > 99) {
		return 0;
	}
	return (year < 90 ? year + 2000 : year + 1900) * 32 + letter;
}

const struct edi_structure *edi_structure_find(const char *message, const char *release)
{
	const struct edi_structure *best = NULL;
	unsigned long wanted = age(release);
	for (size_t i = 0; i < edi_n_structures; i++) {
		const struct edi_structure *at = &edi_structures[i];
		if (strcmp(at->message, message) != 0) {
			continue;
		}
		/* They stand in order of age. */
		best = !best || age(at->release) <= wanted ? at : best;
	}
	return best;
}

const struct edi_segment_table *edi_segment_find(const char *tag, const char *release)
{
	const struct edi_segment_table *best = NULL;
	bool is_old = age(release) < age("99A");
	for (size_t i = 0; i < edi_n_segment_tables; i++) {
		const struct edi_segment_table *at = &edi_segment_tables[i];
		if (strcmp(at->tag, tag) != 0) {
			continue;
		}
		/* The older directory stands first. */
		best = !best || !is_old ? at : best;
	}
	return best;
}

const struct edi_part *edi_part_find(const struct edi_segment_table *table, unsigned element,
	unsigned component)
{
	for (size_t i = 0; table && i < table->n_parts; i++) {
		const struct edi_part *part = &table->parts[i];
		if (part->element == element && part->component == component) {
			return part;
		}
	}
	return NULL;
}
