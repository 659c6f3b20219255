/*
 * Goods: see goods.h.
 *
 * Threads: any.
 */
#include "rules/goods.h"

#include <string.h>

static bool is_prefix(const char *prefix, const char *text)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

Rivergate__V1__Condition goods_condition(const Rivergate__V1__Goods *goods,
	const Rivergate__V1__WindowProfile *profile)
{
	if (goods->condition != RIVERGATE__V1__CONDITION__CONDITION_UNSPECIFIED) {
		return goods->condition;
	}
	for (size_t i = 0; profile && i < profile->n_condition_defaults; i++) {
		if (is_prefix(profile->condition_defaults[i]->hs, goods->hs6)) {
			return profile->condition_defaults[i]->condition;
		}
	}
	return RIVERGATE__V1__CONDITION__CONDITION_OTHER;
}

static bool hs_matches(const Rivergate__V1__GoodsMatch *match, const Rivergate__V1__Goods *goods)
{
	for (size_t i = 0; i < match->n_hs; i++) {
		if (is_prefix(match->hs[i], goods->hs6)) {
			return true;
		}
	}
	return match->n_hs == 0;
}

static bool origin_matches(const Rivergate__V1__GoodsMatch *match,
	const Rivergate__V1__Goods *goods)
{
	for (size_t i = 0; i < match->n_origins; i++) {
		if (strcmp(match->origins[i], goods->origin) == 0) {
			return true;
		}
	}
	return match->n_origins == 0;
}

static bool condition_matches(const Rivergate__V1__GoodsMatch *match,
	Rivergate__V1__Condition condition)
{
	for (size_t i = 0; i < match->n_conditions; i++) {
		if (match->conditions[i] == condition) {
			return true;
		}
	}
	return match->n_conditions == 0;
}

bool goods_match(const Rivergate__V1__GoodsMatch *match, const Rivergate__V1__Goods *goods,
	const Rivergate__V1__WindowProfile *profile)
{
	return !match ||
		(hs_matches(match, goods) && origin_matches(match, goods) &&
			condition_matches(match, goods_condition(goods, profile)));
}

bool goods_condition_is_perishable(Rivergate__V1__Condition condition)
{
	return condition == RIVERGATE__V1__CONDITION__CONDITION_LIVE ||
		condition == RIVERGATE__V1__CONDITION__CONDITION_FRESH ||
		condition == RIVERGATE__V1__CONDITION__CONDITION_CHILLED;
}

/* Lanes */

/*
 * Headings of the Harmonized System 2022 whose text says live, fresh or chilled, and
 * subheadings where a heading puts frozen and dried goods beside them (0306 to 0308, 0406,
 * 0604). Those that hold fresh and dried alike (0804) count as fresh: who declares the
 * condition is not asked here. Not among them are nuts (0801, 0802), roots (0714) and plants
 * for medicine or food (1211, 1212): they may be fresh, and mostly travel dried.
 */
struct hs_lane {
	const char *hs;
	enum goods_lane lane;
};

static const struct hs_lane hs_lanes[] = {
	{"01", GOODS_LANE_LIVE},
	{"0301", GOODS_LANE_LIVE},
	{"0302", GOODS_LANE_PERISHABLE},
	{"0304", GOODS_LANE_PERISHABLE},
	{"0201", GOODS_LANE_PERISHABLE},
	{"0203", GOODS_LANE_PERISHABLE},
	{"0204", GOODS_LANE_PERISHABLE},
	{"0205", GOODS_LANE_PERISHABLE},
	{"0206", GOODS_LANE_PERISHABLE},
	{"0207", GOODS_LANE_PERISHABLE},
	{"0208", GOODS_LANE_PERISHABLE},
	{"03063", GOODS_LANE_PERISHABLE},
	{"030711", GOODS_LANE_PERISHABLE},
	{"030721", GOODS_LANE_PERISHABLE},
	{"030731", GOODS_LANE_PERISHABLE},
	{"030742", GOODS_LANE_PERISHABLE},
	{"030751", GOODS_LANE_PERISHABLE},
	{"030771", GOODS_LANE_PERISHABLE},
	{"030781", GOODS_LANE_PERISHABLE},
	{"030782", GOODS_LANE_PERISHABLE},
	{"030791", GOODS_LANE_PERISHABLE},
	{"030811", GOODS_LANE_PERISHABLE},
	{"030821", GOODS_LANE_PERISHABLE},
	{"0401", GOODS_LANE_PERISHABLE},
	{"040610", GOODS_LANE_PERISHABLE},
	{"0407", GOODS_LANE_PERISHABLE},
	{"0602", GOODS_LANE_LIVE},
	{"0603", GOODS_LANE_PERISHABLE},
	{"060420", GOODS_LANE_PERISHABLE},
	{"0701", GOODS_LANE_PERISHABLE},
	{"0702", GOODS_LANE_PERISHABLE},
	{"0703", GOODS_LANE_PERISHABLE},
	{"0704", GOODS_LANE_PERISHABLE},
	{"0705", GOODS_LANE_PERISHABLE},
	{"0706", GOODS_LANE_PERISHABLE},
	{"0707", GOODS_LANE_PERISHABLE},
	{"0708", GOODS_LANE_PERISHABLE},
	{"0709", GOODS_LANE_PERISHABLE},
	{"0803", GOODS_LANE_PERISHABLE},
	{"0804", GOODS_LANE_PERISHABLE},
	{"0805", GOODS_LANE_PERISHABLE},
	{"0806", GOODS_LANE_PERISHABLE},
	{"0807", GOODS_LANE_PERISHABLE},
	{"0808", GOODS_LANE_PERISHABLE},
	{"0809", GOODS_LANE_PERISHABLE},
	{"0810", GOODS_LANE_PERISHABLE},
};

static enum goods_lane lane_of_hs(const char *hs6)
{
	for (size_t i = 0; i < sizeof(hs_lanes) / sizeof(hs_lanes[0]); i++) {
		if (is_prefix(hs_lanes[i].hs, hs6)) {
			return hs_lanes[i].lane;
		}
	}
	return GOODS_LANE_GENERAL;
}

static enum goods_lane lane_of_goods(const Rivergate__V1__Goods *goods)
{
	if (goods->condition == RIVERGATE__V1__CONDITION__CONDITION_UNSPECIFIED) {
		return lane_of_hs(goods->hs6);
	}
	if (goods->condition == RIVERGATE__V1__CONDITION__CONDITION_LIVE) {
		return GOODS_LANE_LIVE;
	}
	return goods_condition_is_perishable(goods->condition) ? GOODS_LANE_PERISHABLE
							       : GOODS_LANE_GENERAL;
}

enum goods_lane goods_lane_of(const Rivergate__V1__Header *header)
{
	enum goods_lane lane = GOODS_LANE_GENERAL;

	if (header->kind == RIVERGATE__V1__KIND__KIND_EMERGENCY_NOTICE ||
		header->kind == RIVERGATE__V1__KIND__KIND_PEST_ALERT) {
		return GOODS_LANE_EMERGENCY;
	}
	/* Relief goes first (Revised Kyoto Convention, Specific Annex J, Chapter 5). */
	for (size_t i = 0; i < header->n_legs; i++) {
		if (header->legs[i]->regime == RIVERGATE__V1__REGIME__REGIME_RELIEF) {
			return GOODS_LANE_EMERGENCY;
		}
	}
	for (size_t i = 0; i < header->n_goods; i++) {
		enum goods_lane next = lane_of_goods(header->goods[i]);

		lane = next < lane ? next : lane;
	}
	return lane;
}
