#ifndef CLI_GOVERNED_H
#define CLI_GOVERNED_H

/*
 * Editing governance files in place: what `registry` and `directory` share
 *
 * A verb opens a file, changes the message, saves it. Saving packs the content, judges
 * it, drops the signatures (they were over the old content) and replaces the file in one
 * step; a change that contradicts the rest is refused and leaves the file as it was.
 */

#include "base/arena.h"
#include "cli/arguments.h"
#include "registry/governance.h"

#define GOVERNED_EXTRAS_MAX 4

/* Rows of options; struct_ is the verb's own. */
#define GOVERNED_TEXT(struct_, member_, name_, value_, help_) \
	{ \
		.name = (name_), .type = ARGUMENT_TEXT, .offset = offsetof(struct_, member_), \
		.value = (value_), .help = (help_) \
	}
#define GOVERNED_TEXTS(struct_, member_, name_, value_, help_) \
	{ \
		.name = (name_), .type = ARGUMENT_TEXTS, .offset = offsetof(struct_, member_), \
		.value = (value_), .help = (help_) \
	}
#define GOVERNED_FLAG(struct_, member_, name_, help_) \
	{ \
		.name = (name_), .type = ARGUMENT_FLAG, .offset = offsetof(struct_, member_), \
		.help = (help_) \
	}
#define GOVERNED_FROM_JSON(struct_) \
	GOVERNED_TEXT(struct_, from_json, "from-json", "FILE", \
		"take all of it from this JSON instead")

/* A governance file under way. */
struct governed_file {
	const struct argument_form *form; /* of the verb, for what it says */
	const ProtobufCMessageDescriptor *desc;
	const char *path;
	struct arena *arena;
	Rivergate__V1__Governed *governed;
	ProtobufCMessage *content; /* in the arena */
	ProtobufCMessage
		*extras[GOVERNED_EXTRAS_MAX]; /* from --from-json; content may point to them */
	size_t n_extras;
};

void governed_deinit(struct governed_file *file);

/* Each returns ARGUMENTS_RUN, or the exit code after saying why. */

/* Reads the file and unpacks its content. */
int governed_open(struct governed_file *file);
/* Starts a new file with an empty message; there must be none yet. */
int governed_create(struct governed_file *file);
/* Reads a message of this type from a JSON file; owned by file. */
int governed_read_json(struct governed_file *file, const char *path,
	const ProtobufCMessageDescriptor *desc, ProtobufCMessage **ret_message);

/*
 * Judges content before it is saved. Fills the answer; a half-made file that lacks
 * something is fine, one that contradicts itself is not.
 */
struct governed_judge {
	rg_err (*judge)(struct rg_bytes content, struct governance_answer *ret_answer);
};
/* Saves without signatures; VERB_DONE, or the exit code after saying why. */
int governed_save(struct governed_file *file, const struct governed_judge *judge);
/* Signs the content as it stands and saves. */
int governed_sign(struct governed_file *file, const char *context, const char *member,
	const char *key_path);
/* Prints the content as JSON. */
int governed_show(const struct governed_file *file);

/* Memory of the file's arena; aborts the edit by NULL when there is none. */
void *governed_alloc(struct governed_file *file, size_t size);
char *governed_text(struct governed_file *file, const char *text);
bool governed_data(struct governed_file *file, struct rg_bytes bytes, ProtobufCBinaryData *ret);
/* Copies list into the arena with room for one more at `at`. False: no memory. */
bool governed_insert(struct governed_file *file, void *list, size_t *n_items, size_t at,
	void *item);
/* Copies texts into the arena. */
bool governed_texts(struct governed_file *file, const struct argument_texts *texts,
	char ***ret_list, size_t *ret_n);

/*
 * Values of an enumeration by name, with or without its prefix, in any case:
 * "DECLARATION", "KIND_DECLARATION", "border-post". Says what is wrong; false then.
 */
bool governed_enums(struct governed_file *file, const ProtobufCEnumDescriptor *desc,
	const struct argument_texts *texts, int **ret_list, size_t *ret_n);

/* "could not": the fault has been logged where it happened. Returns VERB_COULD_NOT. */
int governed_fault(const struct governed_file *file, rg_err err);
/* Says an answer that refuses. Returns VERB_ANSWERED_NO. */
int governed_refused(const struct governed_file *file, const struct governance_answer *answer);

#endif
