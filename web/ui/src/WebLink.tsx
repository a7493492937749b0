import type { ComponentChildren } from "preact";
import { webLink } from "./links";

interface Props {
	address: string;
	class?: string;
	children: ComponentChildren;
}

/** Link to a page that someone else named; plain text where the address is not allowed as a link. */
export function WebLink({ address, class: name, children }: Props) {
	const target = webLink(address);
	if (!target)
		return (
			<span class={name} dir="auto">
				{children}
			</span>
		);
	return (
		<a
			class={name}
			dir="auto"
			href={target}
			target="_blank"
			rel="noopener noreferrer nofollow"
			title={target}
			onClick={(event) => event.stopPropagation()}
		>
			{children}
		</a>
	);
}
