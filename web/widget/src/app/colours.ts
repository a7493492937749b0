/** CSS with the site's colours for both themes. */
import type { Colours, SiteSettings } from "../bridge";

export function coloursOf({ colours: { light, dark } }: SiteSettings): string {
	return `:root{${rules(light)}}@media (prefers-color-scheme:dark){:root{${rules(dark)}}}`;
}

function rules({ background, text }: Colours): string {
	return `--own-bubble:${background};--on-own-bubble:${text};--accent:${background};--accent-hover:${background};--on-accent:${text}`;
}
