import { stripBidiControls } from "@palique/ui/bidi";
import { webLink } from "@palique/ui/links";

/** What a page is called: its title as it is read, whatever marks it holds, or where it is. */
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
