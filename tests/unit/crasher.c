/*
 * A plug-in that misbehaves in every way a plug-in can: one format for each
 */
#include <rivergate/adapter.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned detect(const struct rg_format *format, struct rg_bytes head)
{
	(void)format;
	(void)head;
	return 0;
}

/* The profile is the way to misbehave. */
static rg_err misbehave(const struct rg_format *format, struct rg_call *call)
{
	const char *way = format->profile;
	volatile uint64_t spun = 0;

	if (strcmp(way, "abort") == 0) {
		abort();
	}
	if (strcmp(way, "leave") == 0) {
		_exit(0);
	}
	while (strcmp(way, "spin") == 0) {
		spun++;
	}
	while (strcmp(way, "sleep") == 0) {
		sleep(100);
	}
	while (strcmp(way, "eat") == 0) {
		void *eaten = malloc((size_t)16 << 20);

		if (!eaten) {
			return RG_E_NOMEM;
		}
		memset(eaten, 1, (size_t)16 << 20);
	}
	return rg_call_output(call, (struct rg_bytes){.data = (const uint8_t *)"fine", .len = 4});
}

static rg_err decode(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	(void)native;
	return misbehave(format, call);
}

static rg_err encode(const struct rg_format *format, struct rg_doc *const *docs, size_t n_docs,
	struct rg_call *call)
{
	(void)docs;
	(void)n_docs;
	return misbehave(format, call);
}

static rg_err validate(const struct rg_format *format, struct rg_bytes native, struct rg_call *call)
{
	(void)format;
	(void)native;
	(void)call;
	return RG_OK;
}

#define FORMAT(way) \
	{ \
		.name = "crasher-" way, .version = "1.0.0", .media_type = "text/plain", \
		.profile = (way), .detect = detect, .decode = decode, .encode = encode, \
		.validate = validate, \
	}

static const struct rg_format formats[] = {
	FORMAT("abort"),
	FORMAT("leave"),
	FORMAT("spin"),
	FORMAT("sleep"),
	FORMAT("eat"),
	FORMAT("work"),
};

extern const struct rg_adapter rg_adapter;

RG_API const struct rg_adapter rg_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "Nowhere",
	.authority = "nobody",
	.formats = formats,
	.n_formats = sizeof(formats) / sizeof(formats[0]),
};
