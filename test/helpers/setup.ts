// Runs before each test file. A module is loaded once, even if files share a process.
import './equal-bytes.ts';
