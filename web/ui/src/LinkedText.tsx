import { stripBidiControls } from "./bidi";
import { splitLinks } from "./links";
import { WebLink } from "./WebLink";

/** A text as it was written, without bidi controls, with its web addresses as links. */
export function LinkedText({ text }: { text: string }) {
	const parts = splitLinks(stripBidiControls(text)).map(({ text: part, link }, index) =>
		link ? (
			<WebLink key={index} address={part}>
				{part}
			</WebLink>
		) : (
			part
		),
	);
	return <>{parts}</>;
}
