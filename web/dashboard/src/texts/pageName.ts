import { stripBidiControls } from "@palique/ui/bidi";
import { webLink } from "@palique/ui/links";

/** Title of a page without bidi controls, or its short address. */
export function pageName({ title, url }: { title: string; url: string }): string {
	return stripBidiControls(title).trim() || shortAddress(url);
}

/** Host and path, for a line under the title. */
export function shortAddress(address: string): string {
	const link = webLink(address);
	if (!link) return address;
	const { host, pathname, search } = new URL(link);
	return host + (pathname === "/" ? "" : pathname) + search;
}
