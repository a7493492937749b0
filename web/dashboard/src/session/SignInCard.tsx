import "./SignIn.css";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Form } from "../parts/Form";

interface Props {
	/** Also the title of the tab. */
	title: string;
	lead: string;
	/** Above the title. */
	brand?: ComponentChildren;
	onSubmit: () => void;
	children: ComponentChildren;
}

/** Page without a signed-in agent: one form. */
export function SignInCard({ title, lead, brand, onSubmit, children }: Props) {
	useEffect(() => {
		document.title = `${title} · Palique`;
	}, [title]);
	return (
		<main class="signin">
			<Form class="signin-card" onSubmit={onSubmit}>
				{brand}
				<h1>{title}</h1>
				<p class="muted">{lead}</p>
				{children}
			</Form>
		</main>
	);
}
