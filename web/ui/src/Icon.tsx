import "./Icon.css";

/** Icons of widget and dashboard: strokes on a 24 × 24 grid, in the text colour. */
const PATHS = {
	chat: "M4 5h16v11H9l-5 4z",
	eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
	clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 3",
	moon: "M20 14A8 8 0 1 1 10 4a7 7 0 0 0 10 10z",
	send: "M4 12l16-8-5 16-3-7z",
	close: "M6 6l12 12M18 6L6 18",
	minimise: "M5 18h14",
	maximise: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
	restore: "M20 4l-6 6M14 5v5h5M4 20l6-6M10 19v-5H5",
	down: "M6 9l6 6 6-6",
	up: "M6 15l6-6 6 6",
	left: "M15 6l-6 6 6 6",
	right: "M9 6l6 6-6 6",
	more: "M5 11.5v1M12 11.5v1M19 11.5v1",
	check: "M5 12l5 5 9-11",
	checks: "M2 12l5 5 8-11M11 16l1 1 9-11",
	retry: "M4 12a8 8 0 0 1 14-5l2 2M20 4v5h-5M20 12a8 8 0 0 1-14 5l-2-2M4 20v-5h5",
	warning: "M12 4l9 16H3zM12 10v4M12 17h.01",
	flag: "M5 21V4h13l-3 4 3 4H5",
	ticket: "M4 6h16v4a2 2 0 0 0 0 4v4H4v-4a2 2 0 0 0 0-4zM14 7v10",
	log: "M6 3h9l4 4v14H6zM9 11h7M9 15h7M15 3v4h4",
	people:
		"M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2 20c0-4 3-6 7-6s7 2 7 6M16 4a3.5 3.5 0 0 1 0 7M18 14c3 .6 4 3 4 6",
	person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 21c0-4 3-7 8-7s8 3 8 7",
	search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16 16l5 5",
	edit: "M4 20h4L19 9l-4-4L4 16z",
	note: "M5 4h14v10l-5 6H5zM14 20v-6h5",
	link: "M14 4h6v6M20 4l-9 9M18 14v6H4V6h6",
	leave: "M10 4H5v16h5M14 8l4 4-4 4M18 12H9",
	pin: "M12 21s7-6 7-11a7 7 0 0 0-14 0c0 5 7 11 7 11zM12 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
	device: "M3 5h18v11H3zM9 20h6M12 16v4",
	menu: "M4 6h16M4 12h16M4 18h16",
	plus: "M12 5v14M5 12h14",
	download: "M12 4v11M7 11l5 5 5-5M5 20h14",
	settings: "M4 7h9M19 7h1M16 4.5v5M4 12h1M11 12h9M8 9.5v5M4 17h9M19 17h1M16 14.5v5",
	copy: "M9 9h11v11H9zM5 15H4V4h11v1",
	filter: "M4 5h16l-6 7v6l-4 2v-8z",
	keyboard: "M3 6h18v12H3zM7 10h.01M11 10h.01M15 10h.01M17 10h.01M7 14h10",
	smile: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8.5 14.5c1.8 2.6 5.2 2.6 7 0M9 9.5h.01M15 9.5h.01",
	mute: "M6 16V11a6 6 0 0 1 9-5M18 11v5l2 2H4l2-2M10 21h4M3 3l18 18",
	bell: "M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4",
} as const;

export type IconName = keyof typeof PATHS;

interface Props {
	name: IconName;
	/** Pixels. */
	size?: number;
	/** Text for screen readers; without it the icon is decoration. */
	label?: string | undefined;
}

export function Icon({ name, size = 20, label }: Props) {
	return (
		<span class="icon">
			<svg
				viewBox="0 0 24 24"
				width={size}
				height={size}
				fill="none"
				stroke="currentColor"
				stroke-width="2"
				stroke-linecap="round"
				stroke-linejoin="round"
				aria-hidden="true"
			>
				<path d={PATHS[name]} />
			</svg>
			{label ? <span class="visually-hidden">{label}</span> : null}
		</span>
	);
}
