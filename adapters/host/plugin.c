/*
 * Plug-ins found on this machine
 *
 * Method: dlopen() with local symbols, one look-up, one check of the ABI number; all
 * else is reading constants.
 *
 * Threads: opened once, read only after that.
 */
#include "host/plugin.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/doctype.h"

#define MAX_PLUGINS 64

struct plugin_set {
	void *handles[MAX_PLUGINS];
	size_t n_handles;
	struct plugin_format *formats;
	size_t n_formats;
};

/* The canonical document itself: convert.c reads and writes it, so it has no functions. */
static const struct rg_format json_formats[] = {
	{.name = "json", .version = "1.0.0", .media_type = "application/json"},
};

static const struct rg_adapter json_adapter = {
	.abi = RG_ADAPTER_ABI,
	.cc = "",
	.name = "Canonical document",
	.authority = "Rivergate",
	.formats = json_formats,
	.n_formats = 1,
};

static rg_err add_formats(struct plugin_set *set, const struct rg_adapter *adapter)
{
	size_t n = set->n_formats + adapter->n_formats;
	struct plugin_format *formats = realloc(set->formats, n * sizeof(*formats));
	if (!formats) {
		return RG_E_NOMEM;
	}
	set->formats = formats;
	for (size_t i = 0; i < adapter->n_formats; i++) {
		formats[set->n_formats++] = (struct plugin_format){adapter, &adapter->formats[i]};
	}
	return RG_OK;
}

static const struct rg_adapter *check(void *handle, const char *path)
{
	const struct rg_adapter *adapter = dlsym(handle, RG_ADAPTER_SYMBOL);
	if (!adapter) {
		fprintf(stderr, "plug-in %s: has no symbol %s; left out\n", path,
			RG_ADAPTER_SYMBOL);
		return NULL;
	}
	if (adapter->abi != RG_ADAPTER_ABI) {
		fprintf(stderr, "plug-in %s: built for ABI %u, this is %u; left out\n", path,
			adapter->abi, RG_ADAPTER_ABI);
		return NULL;
	}
	for (size_t i = 0; i < adapter->n_formats; i++) {
		if (!doctype_find(adapter->formats[i].document)) {
			fprintf(stderr,
				"plug-in %s: format %s is for documents %s, which are not "
				"known here; left out\n",
				path, adapter->formats[i].name, adapter->formats[i].document);
			return NULL;
		}
	}
	return adapter;
}

static rg_err load(struct plugin_set *set, const char *path)
{
	/* It stays: a library that it brings along keeps state until the process ends. */
	void *handle = set->n_handles < MAX_PLUGINS
		? dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)
		: NULL;
	if (!handle) {
		const char *reason = set->n_handles < MAX_PLUGINS ? dlerror() : "too many plug-ins";
		fprintf(stderr, "plug-in %s: %s; left out\n", path, reason);
		return RG_OK;
	}
	const struct rg_adapter *adapter = check(handle, path);
	if (!adapter) {
		dlclose(handle);
		return RG_OK;
	}
	set->handles[set->n_handles++] = handle;
	return add_formats(set, adapter);
}

/* The folder plug-ins lie in; see plugin.h. */
static void find_folder(char folder[PATH_MAX])
{
	const char *named = getenv("RIVERGATE_PLUGINS");
	if (named && *named) {
		snprintf(folder, PATH_MAX, "%s", named);
		return;
	}
	char program[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
	program[len > 0 ? len : 0] = '\0';
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(program, '/');
		if (slash) {
			*slash = '\0';
		}
	}
	int n = snprintf(folder, PATH_MAX, "%s/plugins", program);
	if (n < 0 || n >= PATH_MAX || access(folder, R_OK | X_OK) != 0) {
		snprintf(folder, PATH_MAX, "%s", PLUGIN_DIR);
	}
}

static int is_module(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);
	return len > 3 && strcmp(entry->d_name + len - 3, ".so") == 0;
}

static rg_err load_folder(struct plugin_set *set, const char *folder)
{
	struct dirent **entries = NULL;
	int n = scandir(folder, &entries, is_module, alphasort);
	rg_err err = RG_OK;
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];
		int len = snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (!err && len > 0 && (size_t)len < sizeof(path)) {
			err = load(set, path);
		}
		free(entries[i]);
	}
	free(entries);
	return err;
}

rg_err plugin_set_open(struct plugin_set **ret_set)
{
	char folder[PATH_MAX];
	scoped(plugin_set_closep) struct plugin_set *set = calloc(1, sizeof(*set));
	if (!set) {
		return RG_E_NOMEM;
	}
	rg_err err = add_formats(set, &json_adapter);
	if (!err) {
		find_folder(folder);
		err = load_folder(set, folder);
	}
	if (!err) {
		*ret_set = steal(set);
	}
	return err;
}

void plugin_set_close(struct plugin_set *set)
{
	if (!set) {
		return;
	}
	free(set->formats);
	for (size_t i = 0; i < set->n_handles; i++) {
		dlclose(set->handles[i]);
	}
	free(set);
}

const struct plugin_format *plugin_set_formats(const struct plugin_set *set, size_t *ret_n)
{
	*ret_n = set->n_formats;
	return set->formats;
}

void plugin_name(const struct plugin_format *format, char out[PLUGIN_NAME_MAX])
{
	const char *cc = format->adapter->cc;
	snprintf(out, PLUGIN_NAME_MAX, "%s%s%s", cc, cc[0] ? "/" : "", format->format->name);
}

const char *plugin_country(const struct plugin_format *format, char country[3])
{
	const char *cc = format->adapter->cc;
	for (size_t i = 0; i < 3; i++) {
		country[i] = cc[0] && i < 2 ? (char)(cc[i] - ('a' - 'A')) : '\0';
	}
	return country;
}

void plugin_set_prefer(struct plugin_set *set, const char *cc)
{
	size_t n_preferred = 1; /* json stays first */

	for (size_t i = 1; cc[0] && i < set->n_formats; i++) {
		struct plugin_format format = set->formats[i];

		if (strcmp(format.adapter->cc, cc) == 0) {
			memmove(&set->formats[n_preferred + 1], &set->formats[n_preferred],
				(i - n_preferred) * sizeof(format));
			set->formats[n_preferred++] = format;
		}
	}
}

size_t plugin_set_count(const struct plugin_set *set, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < set->n_formats; i++) {
		n += strcmp(set->formats[i].format->name, name) == 0 ? 1 : 0;
	}
	return n;
}

const struct plugin_format *plugin_set_find(const struct plugin_set *set, const char *name)
{
	const char *slash = strchr(name, '/');
	const char *format = slash ? slash + 1 : name;
	for (size_t i = 0; i < set->n_formats; i++) {
		const char *cc = set->formats[i].adapter->cc;
		bool is_country = !slash ||
			(strncmp(cc, name, (size_t)(slash - name)) == 0 &&
				cc[slash - name] == '\0');
		if (is_country && strcmp(set->formats[i].format->name, format) == 0) {
			return &set->formats[i];
		}
	}
	return NULL;
}

const struct plugin_format *plugin_set_detect(const struct plugin_set *set, struct rg_bytes head)
{
	const struct plugin_format *best = NULL;
	unsigned best_score = 0;
	head.len = head.len < 4096 ? head.len : 4096;
	for (size_t i = 0; i < set->n_formats; i++) {
		const struct rg_format *format = set->formats[i].format;
		unsigned score = format->detect ? format->detect(format, head) : 0;
		if (score > best_score) {
			best = &set->formats[i];
			best_score = score;
		}
	}
	return best;
}
