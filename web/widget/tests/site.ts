/** Settings of a site as the session call returns them. */
import type { SiteSettings } from "../src/bridge";

const green = { background: "#0c6b58", text: "#ffffff" };

export const SITE: SiteSettings = { name: "Shop", colours: { light: green, dark: green }, position: "right" };
