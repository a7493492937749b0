import { stripBidiControls } from "@palique/ui/bidi";

/** The address as a link target when it is one of the web's, else `null`: what a visitor's page claims is never run. */
export function webLink(address: string | null | undefined): string | null {
	if (!address) return null;
	try {
		const url = new URL(address);
		return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
	} catch {
		return null;
	}
}

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
