import type { ComponentChildren } from "preact";
import { webLink } from "../texts/pageName";

interface Props {
	address: string;
	class?: string;
	children: ComponentChildren;
}

/** A link to somebody's page, or its text alone where the address is none of the web's. */
export function WebLink({ address, class: name, children }: Props) {
	const target = webLink(address);
	if (!target) return <span class={name}>{children}</span>;
	return (
		<a
			class={name}
			href={target}
			target="_blank"
			rel="noopener noreferrer"
			title={target}
			onClick={(event) => event.stopPropagation()}
		>
			{children}
		</a>
	);
}
