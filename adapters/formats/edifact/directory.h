#ifndef EDIFACT_DIRECTORY_H
#define EDIFACT_DIRECTORY_H

/*
 * What the UN/EDIFACT directories say: segments of a message, elements of a segment
 *
 * The tables are made of messages.csv and segments.csv when the project is built. Groups
 * are known by their first segment, because their numbers differ from release to
 * release: SG(CST) is SG30 of D.96B and SG32 of D.21B.
 */

#include <stdbool.h>
#include <stddef.h>

/* One segment or group of a message, in order; what stands in a group follows it, deeper. */
struct edi_spec {
	const char *tag;   /* of the segment; of a group its first */
	const char *name;  /* in paths: NAD, SG(NAD), UNS(2) */
	const char *group; /* SG6; NULL: a segment */
	unsigned depth;    /* from 1 */
	unsigned max;      /* repetitions */
	bool must;
};

struct edi_structure {
	const char *message; /* CUSDEC */
	const char *release; /* 96B */
	const struct edi_spec *specs;
	size_t n_specs;
};

/* One element, or one component of it; component 0 is the composite itself. */
struct edi_part {
	const char *id;
	unsigned element, component;
	unsigned max; /* characters */
	char type;    /* A letters, N number, X any, blank: a composite */
	bool must;
};

struct edi_segment_table {
	const char *directory; /* 96B, 21B; S: service segments */
	const char *tag;
	const struct edi_part *parts;
	size_t n_parts;
};

extern const struct edi_structure edi_structures[];
extern const size_t edi_n_structures;
extern const struct edi_segment_table edi_segment_tables[];
extern const size_t edi_n_segment_tables;

/*
 * The structure of a message in this release, else in the last one before it, else in the
 * oldest. NULL: the message is not known.
 */
const struct edi_structure *edi_structure_find(const char *message, const char *release);

/* The elements of a segment as of this release; NULL: not known. */
const struct edi_segment_table *edi_segment_find(const char *tag, const char *release);

/* The element or component at a place; component 0: the composite. NULL: not known. */
const struct edi_part *edi_part_find(const struct edi_segment_table *table, unsigned element,
	unsigned component);

#endif
