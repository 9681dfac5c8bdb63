// Loaded before a program: its clock is off by so many milliseconds.
const off = Number(process.env.MAI_TEST_CLOCK_OFF_MS ?? 0);
const now = Date.now;
Date.now = () => now() + off;
