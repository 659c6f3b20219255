#ifndef TESTS_ADAPTER_PARTS_KIT_H
#define TESTS_ADAPTER_PARTS_KIT_H

/*
 * A declaration with something for every reader, and its parts
 *
 * PRICED stands in what is for customs alone, SECRET in what stays at home.
 */

#include "base/arena.h"
#include "host/parts.h"
#include "native.h"
#include "wire/pack.h"

#define CUSTOMS    AUDIENCE_BIT(AUDIENCE_CUSTOMS)
#define SPS        AUDIENCE_BIT(AUDIENCE_SPS)
#define COMMERCIAL AUDIENCE_BIT(AUDIENCE_COMMERCIAL)
#define HOME       AUDIENCE_BIT(AUDIENCE_HOME)
#define EVERYTHING (CUSTOMS | SPS | COMMERCIAL)

static const char parts_text[] =
	"{\"country\": \"LA\", \"direction\": \"DIRECTION_EXPORT\", \"ucr\": \"U1\","
	" \"type\": {\"code\": \"EX\", \"form\": \"9\"},"
	" \"exporter\": {\"name\": \"Exporter\", \"taxNumber\": \"T1\"},"
	" \"buyer\": {\"name\": \"PRICED-1\"}, \"seller\": {\"name\": \"PRICED-2\"},"
	" \"transport\": {\"border\": {\"identity\": \"P1\", \"mode\": \"3\"},"
	"   \"deliveryTerms\": {\"code\": \"PRICED-3\"}},"
	" \"containers\": [{\"identity\": \"TGHU1234565\", \"seals\": [{\"identity\": \"S1\"}]}],"
	" \"documents\": [{\"code\": \"851\", \"reference\": \"PHYTO-1\"}],"
	" \"supplierDocuments\": [{\"invoiceNumber\": \"PRICED-4\"}],"
	" \"quarantine\": {\"portOffice\": \"Q1\"},"
	" \"items\": ["
	"  {\"commodity\": {\"hs6\": \"080390\", \"nationalCode\": \"10\","
	"    \"description\": \"Bananas\", \"condition\": \"CONDITION_FRESH\"},"
	"   \"origin\": {\"code\": \"LA\"}, \"procedure\": {\"extended\": \"1000\"},"
	"   \"netMass\": {\"unscaled\": \"18000\"}, \"priceCurrency\": \"PRICED-5\","
	"   \"sps\": {\"species\": \"Musa\"}},"
	"  {\"commodity\": {\"hs6\": \"440799\"}, \"origin\": {\"code\": \"LA\"}},"
	"  {}, {}],"
	" \"commerce\": {\"orderNumber\": \"O1\", \"buyer\": {\"name\": \"SECRET-1\"}},"
	" \"signature\": {\"value\": \"SECRET-2\"},"
	" \"extensions\": [{\"format\": \"x\", \"path\": \"/X\", \"value\": \"SECRET-3\"}]}";

/* A declaration and its parts, packed. */
struct whole {
	struct plugin_set *set;
	struct conversion *conversion;
	const Rivergate__V1__Declaration *declaration;
	struct buf parts[AUDIENCE_ALL];
};

static inline void pack(const ProtobufCMessage *message, struct buf *out)
{
	buf_init(out);
	ck_assert_int_eq(pack_append(message, out), RG_OK);
}

static inline void cut(const Rivergate__V1__Declaration *declaration,
	struct buf parts[AUDIENCE_ALL])
{
	for (unsigned i = 0; i < AUDIENCE_ALL; i++) {
		struct arena *arena = arena_new(0);
		Rivergate__V1__Declaration *part = NULL;
		ck_assert_int_eq(parts_cut(declaration, (enum audience)i, arena, &part), RG_OK);
		pack(&part->base, &parts[i]);
		arena_free(arena);
	}
}

static inline struct whole open_whole(void)
{
	struct whole whole = {.set = open_plugins()};
	whole.conversion = decode_native(whole.set, "json", bytes_of_text(parts_text));
	ck_assert_msg(!convert_is_refused(whole.conversion), "%s",
		convert_n_findings(whole.conversion) ? convert_finding(whole.conversion, 0)->text
						     : "");
	whole.declaration = doc_declaration(convert_document(whole.conversion, 0));
	cut(whole.declaration, whole.parts);
	return whole;
}

static inline void close_parts(struct buf parts[AUDIENCE_ALL])
{
	for (unsigned i = 0; i < AUDIENCE_ALL; i++) {
		buf_deinit(&parts[i]);
	}
}

static inline void close_whole(struct whole *whole)
{
	close_parts(whole->parts);
	convert_free(whole->conversion);
	plugin_set_close(whole->set);
}

/* The whole without what stays at home, made without the table. */
static inline void pack_open(const Rivergate__V1__Declaration *whole, struct buf *out)
{
	Rivergate__V1__Declaration open = *whole;
	Rivergate__V1__Commerce commerce;
	Rivergate__V1__NationalAnswer answer;
	char none[] = "";
	open.n_extensions = 0;
	open.n_hints = 0;
	open.signature = NULL;
	if (whole->commerce) {
		commerce = *whole->commerce;
		commerce.buyer = commerce.payer = commerce.recipient = NULL;
		open.commerce = &commerce;
	}
	if (whole->answer) {
		answer = *whole->answer;
		answer.original = none;
		open.answer = &answer;
	}
	pack(&open.base, out);
}

#endif
