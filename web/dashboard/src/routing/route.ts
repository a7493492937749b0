/** Addresses of the dashboard. Pure. The visitor dialog can be open on any page, so it is a query parameter. */
export type Place =
	| { page: "visitors" }
	| { page: "start" }
	| { page: "logs" }
	/** `at`: the `seq` of the entry to show. */
	| { page: "log"; id: string; at?: number }
	| { page: "tickets" }
	| { page: "ticket"; id: string }
	| { page: "settings"; part: SettingsPart }
	| { page: "missing" };

export const SETTINGS_PARTS = ["site", "widget", "agents", "profile"] as const;
export type SettingsPart = (typeof SETTINGS_PARTS)[number];

export type Route = Place & { visitor?: string };

const BASE = "/dashboard/";

export function parse(pathname: string, search: string): Route {
	const query = new URLSearchParams(search);
	const visitor = query.get("visitor");
	const place = withEntry(placeOf(pathname), query.get("at") ?? "");
	return visitor ? { ...place, visitor } : place;
}

function withEntry(place: Place, at: string): Place {
	return place.page === "log" && /^[1-9]\d{0,8}$/.test(at) ? { ...place, at: Number(at) } : place;
}

function placeOf(pathname: string): Place {
	const [page = "", id, ...rest] = pathname.slice(BASE.length).split("/").filter(Boolean).map(decode);
	if (rest.length > 0) return { page: "missing" };
	if (page === "logs") return id ? { page: "log", id } : { page: "logs" };
	if (page === "tickets") return id ? { page: "ticket", id } : { page: "tickets" };
	if (page === "start" && !id) return { page: "start" };
	if (page === "settings") return settingsPlace(id ?? "profile");
	if ((page === "" || page === "visitors") && !id) return { page: "visitors" };
	return { page: "missing" };
}

function settingsPlace(name: string): Place {
	const part = SETTINGS_PARTS.find((one) => one === name);
	return part ? { page: "settings", part } : { page: "missing" };
}

function decode(part: string): string {
	try {
		return decodeURIComponent(part);
	} catch {
		return part;
	}
}

export function href(route: Route): string {
	const query = new URLSearchParams();
	if (route.page === "log" && route.at) query.set("at", String(route.at));
	if (route.visitor) query.set("visitor", route.visitor);
	return BASE + path(route) + (query.size ? `?${query}` : "");
}

function path(place: Place): string {
	switch (place.page) {
		case "visitors":
			return "visitors";
		case "start":
			return "start";
		case "logs":
			return "logs";
		case "log":
			return `logs/${encodeURIComponent(place.id)}`;
		case "tickets":
			return "tickets";
		case "ticket":
			return `tickets/${encodeURIComponent(place.id)}`;
		case "settings":
			return `settings/${place.part}`;
		case "missing":
			return "";
	}
}
