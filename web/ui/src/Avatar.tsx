import "./Avatar.css";
import { useState } from "preact/hooks";
import { hue, initials } from "./initials";

interface Props {
	name: string;
	/** Decides the colour, so that it stays when the name changes. */
	seed?: string | undefined;
	photo?: string | null | undefined;
	/** Pixels. */
	size?: number;
}

/** Photo of a person, or initials if there is none. Hidden from screen readers: the name is beside it. */
export function Avatar({ name, seed, photo, size = 32 }: Props) {
	const [missing, setMissing] = useState<string | null>(null);
	const look = {
		width: `${size}px`,
		height: `${size}px`,
		fontSize: `${Math.round(size * 0.4)}px`,
		"--avatar-hue": String(hue(seed ?? name)),
	};
	return (
		<span class="avatar" style={look} aria-hidden="true">
			{initials(name)}
			{photo && photo !== missing ? (
				<img src={photo} alt="" referrerpolicy="no-referrer" onError={() => setMissing(photo)} />
			) : null}
		</span>
	);
}

/** URL of an agent's photo. */
export function photoOf(agent: string): string {
	return `/api/v1/photos/${encodeURIComponent(agent)}`;
}
