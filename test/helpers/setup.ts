// Runs before each file of tests. A module is loaded once, also where files share a process.
import './equal-bytes.ts';
