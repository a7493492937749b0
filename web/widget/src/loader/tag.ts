/** The script tag on the page of the site: its attributes, and the address that it came from. */
// Modules have no `currentScript`.
const script = document.querySelector('[src*="/widget.js"][data-site]') as HTMLScriptElement;

export const tag = script.dataset;

/** Address of the gateway, perhaps with a path: a proxy may serve it below one. */
export const gateway = script.src.split("/widget.js")[0] as string;
