/*
 * Trust from files: see trust_load() in trust.h
 *
 * Files of the folder are taken in the order of their names; each makes the next trust.
 * Threads: any.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "registry/address.h"
#include "registry/trust.h"

#define CRL_MAX (4u << 20)

struct names {
	struct dirent **items;
	int n_items;
};

static void names_deinit(struct names *names)
{
	for (int i = 0; i < names->n_items; i++) {
		free(names->items[i]);
	}
	free(names->items);
}

/* Puts the file's name before the path of an answer. */
static void name_file(const char *file, struct governance_answer *answer)
{
	struct governance_answer inner = *answer;

	if (!answer->is_ok) {
		snprintf(answer->path, sizeof(answer->path), "%.60s%s%.60s", file,
			*inner.path ? ": " : "", inner.path);
	}
}

static bool has_suffix(const char *name, const char *suffix)
{
	size_t len = strlen(name);
	size_t suffix_len = strlen(suffix);

	return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

static int is_wanted(const struct dirent *entry)
{
	return entry->d_name[0] != '.' &&
		(has_suffix(entry->d_name, ".json") || has_suffix(entry->d_name, ".crl"));
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static rg_err add_governed(const struct trust *trust, const char *path, struct trust **ret_trust,
	struct governance_answer *answer)
{
	scoped(governance_freep) Rivergate__V1__Governed *governed = NULL;
	rg_err err = governance_read(path, &governed, answer);

	*ret_trust = NULL;
	if (err || !governed) {
		return err;
	}
	return has_suffix(path, ".profile.json")
		? trust_apply_profile(trust, governed, 0, ret_trust, answer)
		: trust_apply_directory(trust, governed, 0, ret_trust, answer);
}

static rg_err add_crl(const struct trust *trust, const char *path, const char *name,
	struct trust **ret_trust, struct governance_answer *answer)
{
	scoped(buf_deinit) struct buf der = {0};
	char cc[3] = {0};

	*ret_trust = NULL;
	memcpy(cc, name, 2);
	if (strlen(name) != strlen("cc.crl") || !address_cc_is_valid(cc)) {
		governance_refuse(answer, "", "", "name a revocation list <cc>.crl");
		return RG_OK;
	}
	rg_err err = file_read(path, CRL_MAX, &der, NULL);
	return err ? err : trust_apply_crl(trust, cc, buf_view(&der), 0, ret_trust, answer);
}

/* Replaces *trust by the one that follows from this file; leaves it on a refusal. */
static rg_err add_file(struct trust **trust, const char *folder, const char *name,
	struct governance_answer *answer)
{
	scoped(trust_unrefp) struct trust *next = NULL;
	scoped(freep) char *path = file_join(folder, name);

	if (!path) {
		return RG_E_NOMEM;
	}
	rg_err err = has_suffix(name, ".crl") ? add_crl(*trust, path, name, &next, answer)
					      : add_governed(*trust, path, &next, answer);
	if (err || !next) {
		name_file(name, answer);
		return err;
	}
	trust_unref(*trust);
	*trust = steal(next);
	return RG_OK;
}

static rg_err add_folder(struct trust **trust, const char *folder, struct governance_answer *answer)
{
	scoped(names_deinit) struct names names = {.n_items = 0};
	rg_err err = RG_OK;

	names.n_items = scandir(folder, &names.items, is_wanted, compare_names);
	if (names.n_items < 0) {
		names.n_items = 0;
		if (errno == ENOENT || errno == ENOTDIR) {
			governance_refuse(answer, folder, "", "there is no such folder");
			return RG_OK;
		}
		log_event(LOG_ERROR, "trust", "cannot-read-folder", log_text("path", folder),
			log_errno());
		return RG_E_IO;
	}
	for (int i = 0; !err && answer->is_ok && i < names.n_items; i++) {
		err = add_file(trust, folder, names.items[i]->d_name, answer);
	}
	return err;
}

static rg_err load_registry(const char *path, const uint8_t pin[32], struct trust **ret_trust,
	struct governance_answer *answer)
{
	scoped(governance_freep) Rivergate__V1__Governed *governed = NULL;
	const char *slash = strrchr(path, '/');
	rg_err err = governance_read(path, &governed, answer);

	if (!err && governed) {
		err = trust_new(governed, pin, 0, ret_trust, answer);
	}
	name_file(slash ? slash + 1 : path, answer);
	return err;
}

char *trust_registry_path(const char *path, uint64_t version)
{
	scoped(buf_deinit) struct buf made = {0};
	size_t stem = strlen(path) - (has_suffix(path, ".json") ? strlen(".json") : 0);

	if (version <= 1) {
		return strdup(path);
	}
	buf_printf(&made, "%.*s.%llu.json", (int)stem, path, (unsigned long long)version);
	return buf_text(&made) ? strdup(buf_text(&made)) : NULL;
}

/* Replaces *trust by the one of the next version, if its file is there. */
static rg_err follow(struct trust **trust, const char *registry_path, bool *ret_is_there,
	struct governance_answer *answer)
{
	scoped(governance_freep) Rivergate__V1__Governed *governed = NULL;
	scoped(trust_unrefp) struct trust *next = NULL;
	scoped(freep) char *path =
		trust_registry_path(registry_path, trust_registry(*trust)->version + 1);

	if (!path) {
		return RG_E_NOMEM;
	}
	*ret_is_there = access(path, F_OK) == 0;
	if (!*ret_is_there) {
		return RG_OK;
	}
	const char *slash = strrchr(path, '/');
	rg_err err = governance_read(path, &governed, answer);
	if (!err && governed) {
		err = trust_apply_registry(*trust, governed, 0, &next, answer);
	}
	name_file(slash ? slash + 1 : path, answer);
	if (!err && next) {
		trust_unref(*trust);
		*trust = steal(next);
	}
	return err;
}

static rg_err load_registries(const char *path, const uint8_t pin[32], struct trust **ret_trust,
	struct governance_answer *answer)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	bool is_there = true;
	rg_err err = load_registry(path, pin, &trust, answer);

	while (!err && trust && answer->is_ok && is_there) {
		err = follow(&trust, path, &is_there, answer);
	}
	if (!err && answer->is_ok) {
		*ret_trust = steal(trust);
	}
	return err;
}

rg_err trust_load(const char *registry_path, const char *directories_path, const uint8_t pin[32],
	struct trust **ret_trust, struct governance_answer *ret_answer)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	rg_err err = load_registries(registry_path, pin, &trust, ret_answer);

	*ret_trust = NULL;
	if (err || !trust || !directories_path) {
		*ret_trust = err ? NULL : steal(trust);
		return err;
	}
	err = add_folder(&trust, directories_path, ret_answer);
	if (!err && ret_answer->is_ok) {
		*ret_trust = steal(trust);
	}
	return err;
}
