/*
 * rivergate registry add-rule: what may go from whom to whom, and by which law
 *
 * Threads: one.
 */

#include <stddef.h>

#include "cli/registry.h"
#include "cli/verb.h"

struct rule_options {
	const char *name;
	struct argument_texts from;
	struct argument_texts to;
	struct argument_texts kinds;
	struct argument_texts purposes;
	struct argument_texts parts;
	const char *instrument;
	const char *article;
	const char *valid_from;
	const char *valid_until;
	int64_t retention_days;
	bool onward_transfer;
	bool encryption_required;
	const char *from_json;
};

static const struct argument_row rule_rows[] = {
	GOVERNED_TEXT(struct rule_options, name, "name", "TEXT", "unique in the registry"),
	GOVERNED_TEXTS(struct rule_options, from, "from", "PREFIX", "senders; may be repeated"),
	GOVERNED_TEXTS(struct rule_options, to, "to", "PREFIX", "recipients; may be repeated"),
	GOVERNED_TEXTS(struct rule_options, kinds, "kind", "KIND",
		"e.g. DECLARATION; may be repeated"),
	GOVERNED_TEXTS(struct rule_options, purposes, "purpose", "PURPOSE",
		"e.g. ADVANCE; may be repeated; none: any"),
	GOVERNED_TEXTS(struct rule_options, parts, "part", "NAME",
		"a part that may travel: customs, sps, commercial, translation …; may be "
		"repeated"),
	GOVERNED_TEXT(struct rule_options, instrument, "instrument", "TEXT",
		"the agreement or law"),
	GOVERNED_TEXT(struct rule_options, article, "article", "TEXT", "its article"),
	GOVERNED_TEXT(struct rule_options, valid_from, "valid-from", "DATE",
		"first day, YYYY-MM-DD, UTC"),
	GOVERNED_TEXT(struct rule_options, valid_until, "valid-until", "DATE",
		"last day; none: open"),
	{.name = "retention-days",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct rule_options, retention_days),
		.value = "N",
		.min = 0,
		.max = 36500,
		.help = "how long the router keeps the parts"},
	GOVERNED_FLAG(struct rule_options, onward_transfer, "onward-transfer",
		"the recipient may pass the data on"),
	GOVERNED_FLAG(struct rule_options, encryption_required, "encryption-required",
		"plain parts do not pass"),
	GOVERNED_FROM_JSON(struct rule_options),
	{.name = NULL},
};

static const struct argument_form rule_form = {
	.verb = REGISTRY_WORD("add-rule"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Adds a channel rule: what may go from whom to whom, and by which law. It holds\n"
		 "once every member whose addresses it names has signed. Signatures are dropped.",
	.example =
		"  rivergate registry add-rule registry.json --name la-cn-goods --from la \\\n"
		"      --to cn.gacc --kind DECLARATION --part customs --part sps \\\n"
		"      --part commercial --part translation --instrument 'Customs agreement' \\\n"
		"      --article 4 --valid-from 2026-01-01",
	.rows = rule_rows,
};

static bool fill_law(struct governed_file *file, const struct rule_options *options,
	Rivergate__V1__ChannelRule *rule)
{
	rule->legal_basis = governed_alloc(file, sizeof(*rule->legal_basis));
	if (!rule->legal_basis) {
		return false;
	}
	rivergate__v1__legal_basis__init(rule->legal_basis);
	rule->legal_basis->instrument = governed_text(file, options->instrument);
	rule->legal_basis->article = governed_text(file, options->article);
	rule->valid_from = governed_text(file, options->valid_from);
	rule->valid_until = governed_text(file, options->valid_until ? options->valid_until : "");
	rule->retention_days = (uint32_t)options->retention_days;
	rule->onward_transfer = options->onward_transfer;
	rule->encryption_required = options->encryption_required;
	return rule->legal_basis->instrument && rule->legal_basis->article && rule->valid_from &&
		rule->valid_until;
}

/* False: no memory, or a word that is none, which has been said. */
static bool fill_rule(struct governed_file *file, const struct rule_options *options,
	Rivergate__V1__ChannelRule *rule)
{
	int *kinds = NULL;
	int *purposes = NULL;

	rivergate__v1__channel_rule__init(rule);
	rule->name = governed_text(file, options->name);
	if (!rule->name || !governed_texts(file, &options->from, &rule->from, &rule->n_from) ||
		!governed_texts(file, &options->to, &rule->to, &rule->n_to) ||
		!governed_texts(file, &options->parts, &rule->parts, &rule->n_parts) ||
		!governed_enums(file, &rivergate__v1__kind__descriptor, &options->kinds, &kinds,
			&rule->n_kinds) ||
		!governed_enums(file, &rivergate__v1__purpose__descriptor, &options->purposes,
			&purposes, &rule->n_purposes)) {
		return false;
	}
	/* protobuf-c keeps enumerations as int. */
	rule->kinds = (Rivergate__V1__Kind *)(void *)kinds;
	rule->purposes = (Rivergate__V1__Purpose *)(void *)purposes;
	return fill_law(file, options, rule);
}

static int make_rule(struct governed_file *file, const struct rule_options *options,
	Rivergate__V1__ChannelRule **ret_rule)
{
	if (options->from_json) {
		return governed_read_json(file, options->from_json,
			&rivergate__v1__channel_rule__descriptor, (ProtobufCMessage **)ret_rule);
	}
	if (!options->name || !options->instrument || !options->article || !options->valid_from) {
		return registry_needs(file,
			"--name, --from, --to, --kind, --part, --instrument, --article "
			"and --valid-from");
	}
	*ret_rule = governed_alloc(file, sizeof(**ret_rule));
	if (!*ret_rule) {
		return governed_fault(file, RG_E_NOMEM);
	}
	return fill_rule(file, options, *ret_rule) ? ARGUMENTS_RUN : VERB_USAGE;
}

int registry_add_rule(int argc, char **argv)
{
	struct rule_options options = {.name = NULL};
	struct arguments arguments;
	Rivergate__V1__ChannelRule *rule = NULL;
	int exit_code = arguments_read(&rule_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = registry_file(&rule_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = make_rule(&file, &options, &rule);
	}
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	Rivergate__V1__Registry *registry = registry_content(&file);
	if (!governed_insert(&file, &registry->rules, &registry->n_rules, registry->n_rules,
		    rule)) {
		return governed_fault(&file, RG_E_NOMEM);
	}
	return registry_save(&file);
}
